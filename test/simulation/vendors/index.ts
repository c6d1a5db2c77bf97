import { diga } from './diga.ts';
import type { SimulatedVendor, VendorName } from './vendor.ts';
import { voicy } from './voicy.ts';
import { vox } from './vox.ts';

const VENDORS: Readonly<Record<VendorName, SimulatedVendor>> = { vox, voicy, diga };

export function vendorOf(name: VendorName): SimulatedVendor {
  return VENDORS[name];
}
