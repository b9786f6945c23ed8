#!/usr/bin/env node
// Starts the chaosrun command of this platform with the same arguments, and ends as it does.

import { spawn } from "node:child_process"

import { binary } from "../lib/binary.cjs"

// Ctrl-C reaches the command by itself, since it has the same terminal; the command decides when to
// end.
const ignore = () => {}
process.on("SIGINT", ignore)

try {
  const child = spawn(binary(), process.argv.slice(2), { stdio: "inherit" })
  const forward = (signal) => child.kill(signal)
  const forwarded = process.platform === "win32" ? [] : ["SIGTERM", "SIGHUP"]
  for (const signal of forwarded) process.on(signal, forward)
  child.on("error", fail)
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code)
    for (const name of forwarded) process.off(name, forward)
    process.off("SIGINT", ignore)
    process.kill(process.pid, signal) // ends as the command did
  })
} catch (error) {
  fail(error)
}

function fail(error) {
  console.error(`chaosrun: ${error.message}`)
  process.exit(70)
}
