// Runs the tests of the installed package: in virtual time where this machine has it, in node:test
// and in both pools of vitest.
//
//   node run.mjs        in a folder with the tests, the package, and what package-lock.json has.
//                       OLDEST_NODE is another Node, which runs some of them again

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"

/**
 * run prints a command and what it prints, and returns its output. It ends the run if the exit code
 * is not the one that is due.
 */
function run(due, command, ...args) {
  console.log(`\n$ ${[command, ...args].join(" ")}`)
  const begun = performance.now()
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 600_000,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  })
  const output = stdout + stderr
  if (due === 0) console.log(output.trim())
  console.log(`exit code ${status ?? signal} after ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  if (status !== due) {
    if (due !== 0) console.log(output.trim())
    console.error(`want exit code ${due}`)
    process.exit(1)
  }
  return output
}

const virtual = spawnSync("npx", ["chaosrun", "exec", "--quiet", "--", "true"]).status === 0
console.log(virtual ? "in virtual time" : "in real time, which takes minutes: npx chaosrun doctor says why")
const clock = virtual ? ["npx", "chaosrun", "exec", "--"] : []
const clocked = (due, ...command) => run(due, ...[...clock, ...command])

run(0, "npx", "tsc", "-p", "types")
run(0, process.execPath, "--test", "process.test.mjs")
clocked(0, process.execPath, "--test", "lab.test.mjs")
if (process.env.OLDEST_NODE) clocked(0, process.env.OLDEST_NODE, "--test", "lab.test.mjs")

for (const pool of ["forks", "threads"]) {
  clocked(0, "npx", "vitest", "run", "--pool", pool, "--testTimeout", "600000", "vitest/lab.test.mjs")
  const output = clocked(1, "npx", "vitest", "run", "--pool", pool, "--testTimeout", "600000", "vitest/wrong.test.mjs")
  for (const want of [
    /ChaosrunFailed: failed +heartbeat-only .* hung\s+until/s,
    /time_to_fallback.*: fallback never happened .*limit\s+3s/s,
    /replay:\s+.*npx vitest run vitest\/wrong\.test\.mjs -t red/,
    /await lab\.assertFellBack\(\)\n +\| +\^/,
    /the lab of healthy was opened and never judged/,
    /vitest ends this test after 5 s, and within is 30 s: give the test more time/,
    /vitest ends this test after 5 s, before the lab of heartbeat-only could be judged/,
    /Tests +4 failed \(4\)/,
  ]) {
    assert.match(output, want)
  }
}
