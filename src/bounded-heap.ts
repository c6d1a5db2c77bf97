import { setFlagsFromString } from 'node:v8';

/*
 * Imported for what it does: a worker takes the same memory however it is started, by npx, in the image, or by a service
 * manager that knows no flags. Node's own limits grow with the machine. These two can be set while it runs, where
 * `--max-semi-space-size` cannot; but only before the heap has grown, and loading the program is enough for that.
 *
 * What dies young is collected in a small space, and what lives longer may double before it is looked at again.
 */
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=100');
