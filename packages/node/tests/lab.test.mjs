// What a lab says of engines that are right, and of engines that are wrong in one way each. Run it
// in virtual time:
//
//   npx chaosrun exec -- node --test lab.test.mjs

import assert from "node:assert/strict"
import test from "node:test"
import { fileURLToPath } from "node:url"

import { chaosrun, ChaosrunError, ChaosrunFailed, ChaosrunSkipped, ChaosrunUnknown } from "chaosrun/test"
import { chaosrun as plain } from "chaosrun"
import { guarded, patient, splicing, stream, whole } from "./engine.mjs"

const wire = { protocol: "openai-chat" }

/** failed returns the error of an assertion that has to fail. */
async function failed(assertion, Verdict = ChaosrunFailed) {
  try {
    await assertion
  } catch (error) {
    assert.ok(error instanceof Verdict, `want ${Verdict.name}: ${error.stack}`)
    return error
  }
  assert.fail(`want ${Verdict.name}, and nothing was thrown`)
}

test("an engine that takes comments for life is found", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", { ...wire, within: 30 })
  await lab.saw(() => patient(lab))
  const error = await failed(lab.assertFellBack())
  assert.ok(error instanceof assert.AssertionError)
  assert.match(error.message, /time_to_fallback.*: fallback never happened .*limit 30s/s) // lines are folded
  assert.match(error.message, /answer: .*but it\s+hung/s)
  assert.match(error.message, /primary #1 +heartbeat-sent/)
  assert.match(
    error.message,
    /replay:\s+.*node --test --test-name-pattern 'an engine that takes comments for life is found' .*lab\.test\.mjs/,
  )
  assert.match(error.stack.split("\n    at ")[1], /lab\.test\.mjs/, "the stack begins in the test")
  assert.equal(lab.result.verdict, "failed")
  assert.equal(lab.result.outcome, "hung")
  assert.equal(lab.result.report.scenario, "heartbeat-only")
  assert.equal(lab.trace, lab.result.text)
})

test("an engine with a watchdog on content passes", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", wire)
  assert.equal(await lab.saw(() => guarded(lab)), "secondary speaks for itself")
  await lab.assertFellBack({ within: 30 })
  await lab.assertAnsweredFrom("secondary")
  await lab.check()
  assert.equal(lab.result.outcome, "answered")
  await failed(lab.assertFellBack({ within: 5 }))
  await failed(lab.assertStayed())
  await failed(lab.assertAnsweredFrom("primary"))
  await failed(lab.assertFailed())
  await failed(lab.expect([{ attempts: { secondary: { max: 0 } } }]))
  await failed(lab.expect("time_to_answer", { limits: { time_to_answer: 5 } }))
  await lab.expect("time_to_answer", { limits: { time_to_answer: "30s" } })
})

test("an engine that nothing is wrong with stays", async (t) => {
  const lab = await chaosrun(t, "healthy", wire)
  await lab.saw(patient(lab))
  await lab.assertStayed()
  await lab.assertAnsweredFrom("primary")
  await failed(lab.assertFellBack({ within: 30 }))
  // There is no limit anywhere.
  await assert.rejects(lab.assertFellBack(), (e) => e instanceof ChaosrunError && /time_to_fallback/.test(e.message))
})

test("a part that is presented as the whole answer is truncated", async (t) => {
  const lab = await chaosrun(t, "early-end", wire)
  await lab.saw(() => patient(lab, { lax: true }))
  assert.match((await failed(lab.check())).message, /truncated/)
  assert.equal(lab.result.outcome, "truncated")
})

test("two answers in one are spliced", async (t) => {
  const lab = await chaosrun(t, "mid-stream-drop", wire)
  const text = await lab.saw(() => splicing(lab))
  assert.match(text, /.secondary speaks for itself$/)
  assert.match((await failed(lab.assertFellBack({ within: 30 }))).message, /spliced/)
  assert.equal(lab.result.outcome, "spliced")
})

test("an error after a part of the answer is right, and is told with type and status", async (t) => {
  const lab = await chaosrun(t, "mid-stream-drop-no-restart", wire)
  await lab.saw(() => stream(lab.upstreams[0], lab.prompt))
  await lab.assertFailed()
  await lab.expect("no_fallback")
  await failed(lab.assertStayed())
  const other = await chaosrun(t, "server-error", wire)
  await other.saw(() => whole(stream(other.upstreams[0], other.prompt)))
  await other.assertFailed()
  assert.match(other.trace, /primary answers 502/)
  await failed(other.assertFellBack({ within: 30 }))
})

test("a caller may see an error, a text, a promise, pieces or a stream", async (t) => {
  const answer = "secondary speaks for itself"
  const pieces = answer.split(/(?<= )/)
  const kinds = {
    text: () => answer,
    promise: () => Promise.resolve(answer),
    array: () => pieces,
    iterable: async function* () {
      yield* pieces
    },
    stream: () =>
      new ReadableStream({
        start(controller) {
          for (const piece of pieces) controller.enqueue(piece)
          controller.close()
        },
      }),
  }
  for (const [kind, make] of Object.entries(kinds)) {
    for (const asFunction of [false, true]) {
      const lab = await chaosrun(t, "server-error", wire)
      await patient(lab)
      assert.equal(await lab.saw(asFunction ? make : make()), answer, kind)
      await lab.assertFellBack({ within: 30 })
    }
  }
  const lab = await chaosrun(t, "server-error", wire)
  await patient(lab)
  await lab.saw(new RangeError("the caller got this"))
  await lab.assertFailed()
  assert.match(lab.trace, /RangeError/)
})

test("keys are not repeated in errors", async (t) => {
  const lab = await chaosrun(t, "server-error", wire)
  await lab.saw(async () => {
    await patient(lab)
    throw new Error(`refused ${lab.upstreams[0].key}`)
  })
  await lab.assertFailed()
  assert.match(lab.trace, /refused \[key\]/)
  assert.ok(!JSON.stringify(lab.result).includes(`refused ${lab.upstreams[0].key}`))
})

test("what is no answer is the test's mistake, and no verdict", async (t) => {
  for (const [value, want] of [
    [undefined, /not undefined; does the function return what it got\?/],
    [{ choices: [] }, /chunk\.choices\[0\]\?\.delta\?\.content/],
    [[{ choices: [] }], /chunk\.choices\[0\]\?\.delta\?\.content/],
    [new Uint8Array(3), /bytes of the wire/],
    [42, /not 42/],
  ]) {
    const lab = await chaosrun(t, "healthy", wire)
    await assert.rejects(
      lab.saw(() => value),
      (error) => error instanceof TypeError && want.test(error.message),
    )
    await failed(lab.check(), ChaosrunUnknown)
  }
})

test("a call that was not told is unknown, and never passes", async (t) => {
  const lab = await chaosrun(t, "server-error", wire)
  await patient(lab)
  assert.match((await failed(lab.assertFellBack({ within: 30 }), ChaosrunUnknown)).message, /saw/)
  assert.equal(lab.result.verdict, "unknown")
})

test("calls are those of the scenario", async (t) => {
  const lab = await chaosrun(t, "second-call", wire)
  assert.deepEqual(
    lab.calls.map((call) => call.prompt),
    ["say hello", "say it again"],
  )
  await Promise.all([
    lab.saw((call) => guarded(lab, call.prompt)),
    // It remembers who was silent, and waits for its turn.
    lab.saw((call) => whole(stream(lab.upstreams[1], call.prompt))),
  ])
  await assert.rejects(lab.saw("one more"), /second-call makes 2 calls, and this is one more/)
  await lab.assertAnsweredFrom("secondary")
  await lab.check()
  await assert.rejects(lab.saw("late"), /judged already/)
})

test("a scenario may be a file, and its pauses are made", async (t) => {
  const lab = await chaosrun(t, fileURLToPath(new URL("paused.yaml", import.meta.url)), wire)
  assert.equal(lab.scenario, "paused")
  await lab.saw(() => patient(lab))
  const before = Date.now()
  await lab.saw(() => whole(stream(lab.upstreams[1], "say it again")))
  assert.ok(Date.now() - before >= 20_000)
  await lab.check()
})

test("a function that does not return after the cut is given up, with the verdict", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", { ...wire, within: 10 })
  const error = await failed(
    lab.saw(() =>
      patient(lab)
        .catch(() => {})
        .then(() => new Promise(() => {})),
    ),
  )
  assert.match(error.message, /cut after 1\d/)
  assert.equal(lab.result.outcome, "hung")
})

test("an answer without an end is cut, and not read any more", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", { ...wire, within: 3 })
  let closed = false
  const error = await failed(
    lab.saw(async function* () {
      stream(lab.upstreams[0], lab.prompt)
        .next()
        .catch(() => {})
      try {
        for (;;) {
          yield "again and "
          await new Promise((done) => setTimeout(done, 100))
        }
      } finally {
        closed = true
      }
    }),
  )
  assert.match(error.message, /cut after/)
  await new Promise((done) => setTimeout(done, 1000))
  assert.ok(closed)
})

test("undefined as an error is one, too", async (t) => {
  const lab = await chaosrun(t, "server-error", wire)
  await lab.saw(async () => {
    await patient(lab)
    throw undefined
  })
  await failed(lab.assertAnsweredFrom("secondary"))
})

test("a scenario that cannot be run is skipped", async (t) => {
  await failed(plain("heartbeat-only-anthropic", wire), ChaosrunSkipped)
  let why
  const context = { skip: (reason) => (why = reason), after() {} }
  const lab = await chaosrun(context, "heartbeat-only-anthropic", wire)
  assert.match(why, /vendor's wire/)
  await lab.saw(() => assert.fail("nothing is called"))
  await lab.assertFellBack({ within: 30 })
  assert.equal(lab.result.verdict, "skipped")
})

test("a mistake is refused with what would be right", async (t) => {
  for (const [make, Mistake, want] of [
    [() => plain("heartbeat-onyl"), ChaosrunError, /heartbeat-onyl/],
    [
      () => plain("heartbeat-only", { protocl: "x" }),
      TypeError,
      /no option protocl; those of a lab are within, protocol/,
    ],
    [
      () => plain("heartbeat-only", { within: -1 }),
      TypeError,
      /time_to_fallback is a number of seconds or a text such as "30s", not -1/,
    ],
    [() => plain("heartbeat-only", { protocol: "openai" }), ChaosrunError, /openai-chat/],
    [() => plain({ protocol: "openai-chat" }), TypeError, /needs a scenario's name/],
    [() => chaosrun("heartbeat-only"), TypeError, /needs the test's context first/],
  ]) {
    await assert.rejects(make(), (error) => {
      assert.ok(error instanceof Mistake, error.stack)
      assert.match(error.message, want)
      return true
    })
  }
  const lab = await chaosrun(t, "server-error", wire)
  await lab.saw(() => patient(lab))
  await assert.rejects(
    lab.expect([{ anser: {} }]),
    (error) => error instanceof ChaosrunError && /answer/.test(error.message),
  )
  await lab.assertFellBack({ within: 30 }) // the lab goes on
})

test("a lab has the variables and the upstreams of its providers", async (t) => {
  const lab = await chaosrun(t, "healthy", wire)
  const [primary, secondary] = lab.upstreams
  assert.deepEqual([primary.name, secondary.name, primary.protocol], ["primary", "secondary", "openai-chat"])
  assert.equal(primary.baseURL, `${primary.url}/v1`)
  assert.equal(lab.env.PRIMARY_BASE_URL, primary.baseURL)
  assert.equal(lab.env.SECONDARY_API_KEY, secondary.key)
  assert.equal(lab.env.OPENAI_BASE_URL, primary.baseURL)
  assert.equal(lab.prompt, lab.calls[0].prompt)
  await lab.saw(() => patient(lab))
  await lab.check()
  await lab.close()
  await lab.close()
  await assert.rejects(lab.assertStayed(), /closed/)
})

test("fake timers do not stop a lab", async (t) => {
  if (parseInt(process.versions.node) < 20) return t.skip("this Node has other fake timers")
  const lab = await chaosrun(t, "server-error", wire)
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] })
  await lab.saw(() => patient(lab))
  await lab.assertFellBack({ within: 30 })
})
