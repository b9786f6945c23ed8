// What compiles, and what must not: tsc --noEmit

import test from "node:test"

import { chaosrun as open, ChaosrunFailed, thinking, type Lab } from "chaosrun"
import { chaosrun } from "chaosrun/test"

async function* ask(question: string, env: Record<string, string>): AsyncGenerator<string> {
  yield `${question} at ${env.PRIMARY_BASE_URL}`
}

test("falls back", async (t) => {
  const lab = await chaosrun(t, "heartbeat-only", {
    protocol: "openai-chat",
    within: 30,
    limits: { time_to_answer: "1m" },
  })
  const text: string = await lab.saw(() => ask(lab.prompt, lab.env))
  await lab.saw(text)
  await lab.saw(new Error("refused"))
  await lab.saw(Promise.resolve("text"))
  await lab.saw(async (call) => call.prompt)
  await lab.saw(["a", thinking("b")])
  await lab.saw(new ReadableStream<string>())
  await lab.assertFellBack({ within: "30s" })
  await lab.expect([{ attempts: { primary: { max: 1 } } }])
  const url: string | undefined = lab.upstreams[0]?.baseURL
  // @ts-expect-error a number is no answer
  await lab.saw(42)
  // @ts-expect-error there is no such option
  await open("heartbeat-only", { protocl: url })
  // @ts-expect-error the test's context comes first
  await chaosrun("heartbeat-only")
})

export async function plain(): Promise<Lab["result"]> {
  await using lab = await open("healthy")
  try {
    await lab.check()
  } catch (error) {
    if (error instanceof ChaosrunFailed) return error.result
    throw error
  }
  return lab.result
}
