import { referencePages } from './reference.js';

process.stdout.write(`${JSON.stringify(referencePages())}\n`);
