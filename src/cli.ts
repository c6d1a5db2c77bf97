#!/usr/bin/env node
import './bounded-heap.ts';

// Loaded last, so that its heap is bounded from the beginning.
await import('./program.ts');
