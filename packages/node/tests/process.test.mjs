// What happens to the processes around a lab: no command, a fixture that dies or talks nonsense,
// tests that forget their lab.
//
//   node --test process.test.mjs

import assert from "node:assert/strict"
import { execFile, spawnSync } from "node:child_process"
import fs from "node:fs"
import net from "node:net"
import os from "node:os"
import path from "node:path"
import test from "node:test"
import { promisify } from "node:util"

import { binary, chaosrun, ChaosrunError } from "chaosrun"

const real = binary()
const dir = fs.mkdtempSync(path.join(os.tmpdir(), "chaosrun-node-"))
test.after(() => fs.rmSync(dir, { recursive: true }))

/** fake returns the path of a command that runs a script of Node in place of the fixture. */
function fake(name, script) {
  const file = path.join(dir, name)
  fs.writeFileSync(file, `#!${process.execPath}\n${script}`, { mode: 0o755 })
  return file
}

const hello = JSON.stringify({
  v: 1,
  fixture: "fake",
  clock: "wall",
  calls: [{ prompt: "x" }],
  upstreams: [],
  env: {},
  notes: [],
})

/** with a command in CHAOSRUN_BINARY, run do. */
async function withBinary(file, run) {
  process.env.CHAOSRUN_BINARY = file
  try {
    return await run()
  } finally {
    process.env.CHAOSRUN_BINARY = real
  }
}

/** run runs a script of Node that imports the package, and returns how it ended. */
function run(script, env = {}) {
  const file = path.join(
    import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
    `tmp-${process.pid}.mjs`,
  )
  fs.writeFileSync(file, script)
  try {
    return spawnSync(process.execPath, [file], {
      encoding: "utf8",
      timeout: 60_000,
      env: { ...process.env, CHAOSRUN_BINARY: real, ...env },
    })
  } finally {
    fs.rmSync(file)
  }
}

test("a fixture that dies is an error with what it said", async () => {
  const file = fake("dies", `process.stderr.write("x".repeat(100_000) + "the disk is full"); process.exitCode = 7`)
  const error = await withBinary(file, () => chaosrun("healthy").catch((e) => e))
  assert.ok(error instanceof ChaosrunError)
  assert.match(error.message, /ended with code 7/)
  assert.match(error.message, /the disk is full$/)
  assert.ok(error.message.length < 20_000, "what is kept of standard error is bounded")
})

test("a fixture that dies later fails what is asked of it", async () => {
  const file = fake(
    "later",
    `console.log(${JSON.stringify(hello)}); process.stdin.once("data", () => process.exit(70))`,
  )
  const lab = await withBinary(file, () => chaosrun("healthy"))
  await lab.saw("text").catch(() => {})
  await assert.rejects(lab.check(), (e) => e instanceof ChaosrunError && /ended with code 70/.test(e.message))
  await lab.close()
})

test("nonsense and other versions are errors", async () => {
  for (const [says, want] of [
    ["nonsense", /no JSON: nonsense/],
    [hello.replace('"v":1', '"v":2'), /speaks version 2 of its protocol, this package version 1/],
    ['{"error":"line 3: no such key","exit":65}', /line 3: no such key/],
  ]) {
    const file = fake("nonsense", `console.log(${JSON.stringify(says)}); setTimeout(() => {}, 60_000)`)
    await assert.rejects(
      withBinary(file, () => chaosrun("healthy")),
      (e) => e instanceof ChaosrunError && want.test(e.message),
    )
  }
})

test("a fixture that does not end is killed", async () => {
  const file = fake(
    "stays",
    `console.log(${JSON.stringify(hello)}); process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)`,
  )
  const lab = await withBinary(file, () => chaosrun("healthy"))
  await lab.close() // returns, after some seconds
})

test("without a command the error says where it was looked for", () => {
  const nowhere = { PATH: dir }
  assert.throws(
    () => binary(nowhere, "plan9", "mips"),
    /CHAOSRUN_BINARY is not set, the package @chaosrun\/plan9-mips is not installed, and the PATH has none/,
  )
  assert.throws(
    () => binary({ CHAOSRUN_BINARY: path.join(dir, "gone") }),
    /CHAOSRUN_BINARY is .*gone, and there is no such file/,
  )
  const found = fake("chaosrun", "")
  assert.equal(binary(nowhere, "plan9", "mips"), found)
  fs.rmSync(found)
  fs.symlinkSync(
    path.resolve(path.dirname(new URL(import.meta.resolve("chaosrun")).pathname), "bin/chaosrun.js"),
    found,
  )
  assert.throws(() => binary(nowhere, "plan9", "mips"), /the PATH has none/, "the launcher does not start itself")
})

test("an open lab keeps no process from ending, and ends with it", async () => {
  const script = `import { chaosrun } from "chaosrun"
    const lab = await chaosrun("healthy", { protocol: "openai-chat" })
    console.log(lab.upstreams[0].url)`
  const begun = performance.now()
  const { status, stdout, stderr } = run(script)
  assert.equal(status, 0, stderr)
  assert.ok(performance.now() - begun < 30_000)
  assert.match(stderr, /in real time|^$/)
  await assertGone(stdout.trim())
})

test("a test process that is killed leaves nothing behind", async () => {
  const script = `import { chaosrun } from "chaosrun"
    const lab = await chaosrun("heartbeat-only", { protocol: "openai-chat" })
    console.log(lab.upstreams[0].url)
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 10)
    await lab.saw(() => fetch(lab.upstreams[0].url))`
  const { signal, stdout } = run(script)
  assert.equal(signal, "SIGKILL")
  await assertGone(stdout.trim())
})

/** assertGone waits until nobody serves a URL any more. */
async function assertGone(url) {
  const { hostname: host, port } = new URL(url)
  for (let i = 0; i < 100; i++) {
    const served = await new Promise((done) => {
      const socket = net.connect({ host, port }, () => {
        socket.destroy()
        done(true)
      })
      socket.on("error", () => done(false))
    })
    if (!served) return
    await new Promise((done) => setTimeout(done, 100))
  }
  assert.fail(`${url} is still served`)
}

test("in real time a hang is found too, and a note says once how to have virtual time", () => {
  const { status, stdout, stderr } = run(`import { chaosrun, ChaosrunFailed } from "chaosrun"
    import { patient } from "./engine.mjs"
    for (let i = 0; i < 2; i++) {
      const lab = await chaosrun("heartbeat-only", { protocol: "openai-chat", within: 1 })
      await lab.saw(() => patient(lab))
      console.log(lab.clock, await lab.assertFellBack().catch((e) => e instanceof ChaosrunFailed && e.result.outcome))
      await lab.close()
    }`)
  assert.equal(status, 0, stderr)
  assert.equal(stdout, "wall hung\nwall hung\n")
  assert.equal(stderr.match(/^chaosrun: in real time: /gm)?.length, 1, stderr)
})

test("the same from code that requires", () => {
  const { status, stderr } = run(`import assert from "node:assert"
    import { createRequire } from "node:module"
    import * as imported from "chaosrun"
    import * as helper from "chaosrun/test"
    const require = createRequire(import.meta.url)
    const { chaosrun, ...rest } = require("chaosrun")
    const { chaosrun: tested, ...others } = require("chaosrun/test")
    assert.ok(chaosrun === imported.chaosrun && tested === helper.chaosrun && chaosrun !== tested)
    for (const [name, value] of Object.entries(rest)) {
      for (const other of [imported, helper, others]) assert.equal(value, other[name], name)
    }
    const lab = await chaosrun("healthy", { protocol: "openai-chat" })
    await lab.close()`)
  assert.equal(status, 0, stderr)
})

test("a lab that is not judged fails its test, in red", async () => {
  const file = path.join(path.dirname(new URL(import.meta.url).pathname), `tmp-${process.pid}-judged.mjs`)
  fs.writeFileSync(
    file,
    `import test from "node:test"
    import { chaosrun } from "chaosrun/test"
    test("forgets", async (t) => { await chaosrun(t, "healthy", { protocol: "openai-chat" }) })
    test("skips", async (t) => {
      const lab = await chaosrun(t, "heartbeat-only-anthropic", { protocol: "openai-chat" })
      await lab.saw(() => "x")
      await lab.assertFellBack({ within: 30 })
    })`,
  )
  try {
    const env = { ...process.env, CHAOSRUN_BINARY: real }
    delete env.NODE_TEST_CONTEXT
    const { stdout, code } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap", file], {
      env,
    }).catch((e) => e)
    assert.match(stdout, /not ok 1 - forgets/)
    assert.match(stdout, /healthy was opened and never judged/)
    assert.match(stdout, /ok 2 - skips # SKIP it is about a vendor's wire/)
    assert.equal(code, 1)
  } finally {
    fs.rmSync(file)
  }
})

test("the launcher ends as the command does", () => {
  const launcher = path.join(path.dirname(new URL(import.meta.resolve("chaosrun")).pathname), "bin/chaosrun.js")
  const launch = (...args) => spawnSync(process.execPath, [launcher, ...args], { encoding: "utf8" })
  assert.match(launch("version").stdout, /^chaosrun /)
  assert.equal(launch("nonsense").status, 64)
  assert.equal(launch("exec", "--", process.execPath, "-e", "process.exit(9)").status, 9)
})
