// A worker whose answers are picked by the prompt. The tests hold conversations with it.

import { spawnSync } from "node:child_process"
import fs from "node:fs"

const cw = await import(process.env.CHAOSRUN_WORKER_DIR + "/chaosrun_worker.mjs")

class TooMany extends Error {
  status = 429
  headers = new Headers({ "retry-after": "7" })
}

async function build(run) {
  if (run.scenario === "no-gemini") throw new cw.Skip("no Gemini")
  if (run.scenario === "broken") throw new TypeError(`cannot build with ${run.upstreams[0].key}`)
  const [first] = run.upstreams

  async function* speak(c) {
    switch (c.prompt) {
      case "print":
        console.log("a stray print")
        fs.writeSync(1, '{"call": 1, "text": "a stray line"}\n')
        spawnSync(process.execPath, ["-e", "console.log('a child prints')"], { stdio: "inherit" })
        yield "True"
        break
      case "pieces":
        yield cw.thinking("hm")
        yield "hel"
        yield ""
        yield "lo"
        yield cw.restart()
        yield cw.tool({ index: 0, id: "t1", name: "look", arguments: "{" })
        yield cw.tool({ index: 0, arguments: "}" })
        yield cw.end({ finish: "stop", model: first.model, usage: { input: 3, output: 5 } })
        break
      case "too many":
        throw new TooMany(`slow down, ${first.key}`)
      case "long":
        throw new RangeError("x".repeat(100_000))
      case "garbage":
        yield 7
        break
      case "hang":
        yield "one"
        await new Promise((_, reject) => c.signal.addEventListener("abort", () => reject(c.signal.reason)))
        break
      case "told":
        yield `${c.stream} ${c.restarts} ${c.context_tokens} ${c.deadline_s} ${c.messages.length} ${c.messages.at(-1).content} ${run.seed}`
    }
  }

  function* plain() {
    yield "plain "
    yield "hello"
  }

  const call = (c) => {
    if (c.prompt === "text") return "the whole text"
    if (c.prompt === "plain hang") {
      return (async function* () {
        yield "one"
        await new Promise(() => {}) // and never looks at the signal
      })()
    }
    return plain()
  }

  return { plain: call, late: async () => "late text" }[run.scenario] ?? speak
}

cw.serve(build, { engine: "talker 1.2.3" })
