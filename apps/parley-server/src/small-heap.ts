import { setFlagsFromString } from 'node:v8';

// Rows and answers are read and forgotten at once; what stays alive is the query cache and the sockets. Left to itself,
// V8 lets some 150 MB of the forgotten pile up before it looks. Imported before anything else is.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=30');
