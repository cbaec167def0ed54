/** The running server: who it is, starting it for good, stopping it, and clearing lock files that lie. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, kill, openSync, readFileSync, statSync } from "node:fs";
