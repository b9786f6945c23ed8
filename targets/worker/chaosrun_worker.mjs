// chaosrun_worker lets chaosrun test a Node engine: one file, no dependencies, Node 18 or newer.
//
//   const cw = await import(process.env.CHAOSRUN_WORKER_DIR + "/chaosrun_worker.mjs")
//
//   cw.serve(async (run) => {               // once per run
//     const [first, second] = run.upstreams // name protocol url base_url key model
//     const engine = ...                    // the engine under test, told about both
//     return async function* (call) {       // once per call: prompt messages tools stream signal ...
//       for await (const piece of engine.stream(call.messages, { signal: call.signal })) yield piece
//     }
//   }, { engine: "my-router 1.2.3" })
//
// chaosrun starts the script and speaks with it in JSON lines over standard input and output.
// docs/WRITING_A_WORKER.md has the whole protocol.

import fs from "node:fs"
import readline from "node:readline"

// most bounds the text of an error, in characters.
const most = 2000

/** Skip is thrown by build if the engine cannot run the scenario: the run is skipped with the reason. */
export class Skip extends Error {}

class Line {
  constructor(fields) {
    Object.assign(this, fields)
  }
}

/** thinking returns a piece of reasoning. */
export const thinking = (text) => new Line({ thinking: text })

/** tool returns a piece of a tool call: its name, or a part of its arguments, a JSON text. */
export const tool = ({ index = 0, id, name, arguments: text }) => new Line({ tool: { index, id, name, arguments: text } })

/** restart returns the marker after which the answer begins anew: the caller forgets all that came before it. */
export const restart = () => new Line({ restart: true })

/** end returns the end of an answer: its finish reason, the model's name and the tokens, {input: 3, output: 5}. */
export const end = ({ finish, model, usage } = {}) => new Line({ end: true, finish, model, usage })

/**
 * serve answers chaosrun until standard input closes, and then ends the process.
 *
 * build(run) returns the function that makes one call, or a promise of it, and is called before a run's
 * first call. That function returns an async or a plain iterable of pieces of text, the text, or a promise
 * of either. What it throws is the error that the engine's caller gets.
 */
export function serve(build, { engine = "" } = {}) {
  process.on("SIGINT", () => {}) // chaosrun decides when a worker ends
  const write = takeOutput()
  const answers = new Map() // the answers under way, by number
  let make = null // the function that build returned
  let keys = [] // not to be repeated in errors

  const start = async (run) => {
    make = null
    keys = (run.upstreams ?? []).map((u) => u.key).filter(Boolean)
    try {
      const made = await build({ scenario: "", seed: 0, at_once: 1, ...run, upstreams: run.upstreams ?? [] })
      if (typeof made !== "function") throw new TypeError("build returned no function that makes a call")
      make = made
      return { run: true, engine: engine || undefined, overlap: run.at_once > 1 || undefined }
    } catch (e) {
      if (e instanceof Skip) return { skip: e.message || "the engine cannot run this scenario" }
      console.error(e)
      return errorLine(e, keys)
    }
  }

  const take = async (line) => {
    if (line.v !== 1) throw new Error(`chaosrun speaks version ${line.v} of the worker protocol, this file version 1`)
    if (line.run) {
      const before = [...answers.values()]
      for (const answer of before) answer.cancel()
      if (before.length) await Promise.race([Promise.all(before.map((answer) => answer.followed)), new Promise((done) => setTimeout(done, 1000))])
      write(await start(line.run))
    } else if (line.call !== undefined) {
      const answer = new Answer(line, write, () => answers.delete(line.call), keys)
      answers.set(line.call, answer)
      answer.followed = answer.follow(make)
    } else if (line.cancel !== undefined) {
      answers.get(line.cancel)?.cancel()
    }
  }

  let last = Promise.resolve() // lines are taken in order
  readline
    .createInterface({ input: process.stdin, crlfDelay: Infinity })
    .on("line", (line) => {
      if (!line.trim()) return
      last = last.then(() => take(JSON.parse(line))).catch((e) => {
        console.error(e)
        process.exit(1)
      })
    })
    .on("close", () => process.exit(0))
}

// takeOutput copies descriptor 1 for the protocol and moves descriptor 1 to standard error, so that
// whatever prints cannot break it. It returns the function that writes a line.
function takeOutput() {
  let out = 1
  try {
    out = fs.openSync("/dev/fd/1", "w")
    fs.closeSync(1)
    fs.openSync("/dev/fd/2", "a") // the lowest free descriptor, 1
  } catch {
    // There is no /dev/fd, or it is a socket: what prints in JavaScript is moved at least.
    process.stdout.write = process.stderr.write.bind(process.stderr)
  }
  return (line) => {
    let data = Buffer.from(JSON.stringify(line) + "\n")
    while (data.length > 0) {
      try {
        data = data.subarray(fs.writeSync(out, data))
      } catch (e) {
        if (e.code === "EPIPE") process.exit(0)
        if (e.code !== "EAGAIN") throw e
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
      }
    }
  }
}

// An Answer is one call under way. It ends once, with an end or an error.
class Answer {
  constructor(line, write, done, keys) {
    this.number = line.call
    this.send = write
    this.done = done
    this.keys = keys
    this.over = false
    this.abort = new AbortController()
    this.call = callOf(line, () => {
      this.listens = true
      return this.abort.signal
    })
  }

  // cancel aborts the call. One that never looked at its signal cannot be aborted: its answer is given up.
  cancel() {
    this.abort.abort(new Error("cancelled"))
    if (!this.listens) this.fail(new Error("cancelled"))
  }

  async follow(make) {
    try {
      if (!make) throw new Error("got a call before a run that could be built")
      const pieces = await make(this.call)
      if (pieces?.[Symbol.asyncIterator] || (typeof pieces === "object" && pieces?.[Symbol.iterator])) {
        for await (const piece of pieces) {
          this.give(piece)
          if (this.over) return
        }
      } else {
        this.give(pieces)
      }
      if (this.abort.signal.aborted) throw new Error("cancelled")
      this.write(end())
    } catch (e) {
      this.fail(e)
    }
  }

  give(piece) {
    if (typeof piece === "string") {
      if (piece) this.write({ text: piece })
    } else if (piece instanceof Line) {
      this.write(piece)
    } else if (piece !== undefined && piece !== null) {
      throw new TypeError(`a piece of an answer is a string or comes from this module, not ${typeof piece}`)
    }
  }

  fail(e) {
    const line = errorLine(e, this.keys)
    if (this.abort.signal.aborted) line.type = "Cancelled"
    this.write(line)
  }

  write(line) {
    if (this.over) return
    if (line.end || line.error !== undefined) {
      this.over = true
      this.done()
    }
    this.send({ call: this.number, ...line })
  }
}

// callOf returns what the engine's caller asks for. messages is never empty; prompt is the text of its
// last message. signal aborts when the caller has gone away.
function callOf(line, signal) {
  const messages = line.messages?.length ? line.messages : [{ role: "user", content: line.prompt ?? "" }]
  const last = messages[messages.length - 1].content
  return {
    prompt: line.prompt || (typeof last === "string" ? last : ""),
    messages,
    tools: line.tools?.length ? line.tools : undefined,
    stream: Boolean(line.stream),
    context_tokens: line.context_tokens ?? 0,
    context_window: line.context_window ?? 0,
    deadline_s: line.deadline_s,
    restarts: Boolean(line.restarts),
    get signal() {
      return signal()
    },
  }
}

function errorLine(e, keys) {
  let text = String(e?.message || e)
  for (const key of keys) text = text.replaceAll(key, "[key]")
  return {
    error: text.slice(0, most),
    type: e?.name && e.name !== "Error" ? e.name : e?.constructor?.name ?? typeof e,
    status: [e?.status, e?.statusCode].find(Number.isInteger),
    retry_after_s: retryAfter(e),
  }
}

// retryAfter returns the seconds that an error asks to wait: its own, or those of its response.
function retryAfter(e) {
  const headers = e?.headers ?? e?.responseHeaders ?? e?.response?.headers ?? {}
  const header = (name) => (typeof headers.get === "function" ? headers.get(name) : headers[name])
  for (const [value, unit] of [[e?.retryAfter, 1], [header("retry-after-ms"), 1000], [header("retry-after"), 1]]) {
    if (value === undefined || value === null || value === "") continue
    const seconds = Number(value) / unit
    if (Number.isFinite(seconds) && seconds >= 0) return seconds
  }
  return undefined
}
