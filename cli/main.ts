#!/usr/bin/env node
import { runCommandLine } from './run.js';
import { Terminal } from './terminal.js';

process.exitCode = await runCommandLine(process.argv.slice(2), Terminal.ofProcess());
