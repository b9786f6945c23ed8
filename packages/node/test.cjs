// chaosrun/test: a lab that ends with its test, in node:test and in vitest.
//
//   test("falls back", async (t) => {
//     const lab = await chaosrun(t, "heartbeat-only", { protocol: "openai-chat" })
//     ...
//   })

const { binary } = require("./lib/binary.cjs")
const { at, ChaosrunError, ChaosrunFailed, ChaosrunSkipped, ChaosrunUnknown, mark } = require("./lib/errors.cjs")
const { open } = require("./lib/open.cjs")
const { kind } = require("./lib/options.cjs")
const { restart, thinking, tool } = require("./lib/pieces.cjs")
const { replay } = require("./lib/replay.cjs")

async function chaosrun(t, scenario, options = {}) {
  const here = mark(chaosrun)
  const after = t?.onTestFinished ?? t?.after
  if (typeof after !== "function" || typeof t.skip !== "function") {
    throw new TypeError(
      "chaosrun/test needs the test's context first: " +
        `test("…", async (t) => { const lab = await chaosrun(t, "heartbeat-only") … }), not ${kind(t)}`,
    )
  }
  if (t.task?.timeout > 0 && seconds(options?.within) * 1000 > t.task.timeout) {
    throw at(new ChaosrunError(`${tooShort(t)}, and within is ${options.within} s: ${remedy}`), here)
  }
  let lab
  try {
    lab = await open(here, scenario, options, replay(t))
  } catch (error) {
    if (!(error instanceof ChaosrunSkipped)) throw error
    t.skip(error.message) // vitest ends the test here
    return skipped(scenario, error.message)
  }
  after.call(t, () => finish(t, lab, here))
  return lab
}

// seconds returns a time that is a number, or 0.
function seconds(time) {
  return typeof time === "number" ? time : 0
}

// finish closes the lab. One that was never judged fails its test, unless that has failed already.
async function finish(t, lab, here) {
  const judged = lab.result !== null
  await lab.close()
  if (judged) return
  if (t.task?.result?.state === "fail") {
    const late = t.task.result.errors?.some((error) => /timed out/i.test(error.message))
    if (late)
      throw at(new ChaosrunError(`${tooShort(t)}, before the lab of ${lab.scenario} could be judged: ${remedy}`), here)
    return
  }
  throw at(
    new ChaosrunError(
      `the lab of ${lab.scenario} was opened and never judged: ` +
        "end the test with lab.check() or an assertion of the lab",
    ),
    here,
  )
}

const remedy =
  'give the test more time than a call that hangs gets, test("…", fn, 600_000), ' +
  "or set testTimeout in the configuration"

// tooShort says how long a test of vitest may take. It is five seconds unless somebody has set
// more.
function tooShort(t) {
  return `vitest ends this test after ${t.task.timeout / 1000} s`
}

// skipped returns the lab of a scenario that was skipped: node:test goes on with a test that it
// skips. Nothing is called, and nothing is asserted.
function skipped(scenario, reason) {
  const nothing = async () => {}
  const upstream = {
    name: "skipped",
    protocol: "",
    url: "http://127.0.0.1:9",
    baseURL: "http://127.0.0.1:9",
    key: "skipped",
    model: "skipped",
  }
  const lab = {
    scenario,
    title: "",
    clock: "wall",
    notes: [],
    env: {},
    calls: [],
    prompt: "",
    upstreams: Array.from({ length: 8 }, () => ({ ...upstream })),
    result: { verdict: "skipped", outcome: "", report: null, text: reason },
    trace: reason,
    saw: async () => "",
  }
  for (const name of [
    "check",
    "expect",
    "assertFellBack",
    "assertAnsweredFrom",
    "assertStayed",
    "assertFailed",
    "close",
  ])
    lab[name] = nothing
  if (Symbol.asyncDispose) lab[Symbol.asyncDispose] = nothing
  return lab
}

module.exports = {
  chaosrun,
  binary,
  ChaosrunError,
  ChaosrunFailed,
  ChaosrunSkipped,
  ChaosrunUnknown,
  restart,
  thinking,
  tool,
}
