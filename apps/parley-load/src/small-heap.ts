import { setFlagsFromString } from 'node:v8';

// Answers are read and forgotten at once; some 20 MB are alive at any time. Left to itself, V8 lets the forgotten pile
// up to several times that before it looks. Looking sooner costs next to nothing here. Imported before anything else.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=30');
