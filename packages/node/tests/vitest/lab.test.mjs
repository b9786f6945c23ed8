// The helper in vitest. Run it in virtual time:
//
//   npx chaosrun exec -- npx vitest run lab.test.mjs --testTimeout 600000

import { expect, test, vi } from "vitest"

import { chaosrun, ChaosrunFailed } from "chaosrun/test"
import { guarded, patient } from "../engine.mjs"

const wire = { protocol: "openai-chat" }

test("an engine that takes comments for life is found", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", { ...wire, within: 30 })
  await lab.saw(() => patient(lab))
  const error = await lab.assertFellBack().catch((e) => e)
  expect(error).toBeInstanceOf(ChaosrunFailed)
  expect(error.message).toMatch(/fallback never happened .*limit 30s/s)
  expect(error.message).toMatch(
    /replay:\s+.*npx vitest run \S*lab\.test\.mjs -t 'an engine that takes comments for life is found'/,
  )
  expect(error.stack).toMatch(/^ChaosrunFailed: [^]*?\n +at [^\n]*lab\.test\.mjs/)
})

test("an engine with a watchdog on content passes", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", wire)
  expect(await lab.saw(() => guarded(lab))).toBe("secondary speaks for itself")
  await lab.assertFellBack({ within: 30 })
  await lab.check()
})

test("a scenario that cannot be run is skipped", async (t) => {
  await chaosrun(t, "heartbeat-only-anthropic", wire)
  expect.unreachable("vitest ends a skipped test")
})

test("fake timers do not stop a lab", async (t) => {
  const lab = await chaosrun(t, "server-error", wire)
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "Date"] })
  try {
    await lab.saw(() => patient(lab))
    await lab.assertFellBack({ within: 30 })
  } finally {
    vi.useRealTimers()
  }
})
