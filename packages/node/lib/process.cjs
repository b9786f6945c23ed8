// One `chaosrun fixture` process, spoken to in JSON lines.

const { spawn } = require("node:child_process")
const { StringDecoder } = require("node:string_decoder")

const { ChaosrunError } = require("./errors.cjs")

// Taken when the module is loaded: a test's fake timers must not stop the package.
const { setTimeout, clearTimeout } = globalThis

/**
 * mostLine bounds one line of the fixture, in characters: a report with a timeline of a million
 * events is some 100 MB.
 */
const mostLine = 256 * 1024 * 1024

/**
 * mostLog bounds what is kept of the fixture's standard error, in characters. It is shown if the
 * fixture dies.
 */
const mostLog = 16 * 1024

/**
 * patience bounds the wait for an answer of the fixture, in milliseconds. It answers in
 * milliseconds, or in a second on a busy machine.
 */
const patience = 60_000

/**
 * farewell is how long the fixture has to end after its input did, in milliseconds. It is killed
 * then.
 */
const farewell = 5_000

/**
 * A Fixture is a running process. At most one answer is awaited at a time; lines about calls come
 * in between. It holds no Node process open: only an answer that is awaited, or hold(), does.
 */
class Fixture {
  #child
  #log = ""
  #line = []
  #length = 0
  #waiting = null // {resolve, reject} of the answer awaited
  #ended = null // the error of a fixture that ended
  #complaint = null // an error that it sent when no answer was awaited
  #holds = 0
  #exited
  #onCall

  constructor(command, args, onCall) {
    this.#onCall = onCall
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true })
    const { stdin, stdout, stderr } = this.#child
    this.#exited = new Promise((done) => {
      this.#child.on("error", (error) => done(this.#end(`it could not be started: ${error.message}`)))
      this.#child.on("close", (code, signal) =>
        done(this.#end(signal ? `signal ${signal} ended it` : `it ended with code ${code}`)),
      )
    })
    stdin.on("error", () => {}) // it has died: its end says why
    const decoder = new StringDecoder("utf8")
    stdout.on("data", (data) => this.#read(decoder.write(data)))
    stderr.setEncoding("utf8")
    stderr.on("data", (text) => (this.#log = (this.#log + text).slice(-mostLog)))
    this.#holdNothing()
  }

  /** exited is a promise that is kept when the process has ended. */
  get exited() {
    return this.#exited
  }

  /** hold keeps the Node process alive until the function that it returns is called. */
  hold() {
    this.#holds++
    if (this.#holds === 1) for (const handle of this.#handles()) handle.ref?.()
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holds--
      if (this.#holds === 0) this.#holdNothing()
    }
  }

  /** check throws the error of a fixture that has ended, or that has not understood a line. */
  check() {
    const error = this.#ended ?? this.#complaint
    if (error) throw error
  }

  /** tell sends a line. It waits while the fixture is slower than the caller. */
  async tell(line) {
    this.check()
    if (!this.#child.stdin.write(JSON.stringify(line) + "\n")) {
      await Promise.race([new Promise((done) => this.#child.stdin.once("drain", done)), this.#exited])
    }
  }

  /** ask sends a line, if there is one, and returns the line that answers it. */
  async ask(line) {
    this.check()
    const release = this.hold()
    let timer
    try {
      const answer = new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject }
        timer = setTimeout(
          () => reject(new ChaosrunError(`chaosrun fixture has not answered for ${patience / 1000} s${this.#said()}`)),
          patience,
        )
      })
      answer.catch(() => {}) // it is awaited below, if tell does not throw
      if (line) await this.tell(line)
      return await answer
    } finally {
      clearTimeout(timer)
      this.#waiting = null
      release()
    }
  }

  /** close ends the process, and waits until it has ended. */
  async close() {
    const release = this.hold()
    this.#child.stdin.end()
    const timer = setTimeout(() => this.kill(), farewell)
    await this.#exited
    clearTimeout(timer)
    release()
  }

  /** kill ends the process at once. */
  kill() {
    this.#child.kill("SIGKILL")
  }

  // An answer may be as large as a report: its pieces are joined once.
  #read(text) {
    let from = 0
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      const line = this.#line.join("") + text.slice(from, end)
      this.#line = []
      this.#length = 0
      from = end + 1
      if (line.trim() !== "") this.#take(line)
    }
    const rest = text.slice(from)
    this.#line.push(rest)
    this.#length += rest.length
    if (this.#length > mostLine) this.#refuse(`it sent a line of more than ${mostLine} characters`)
  }

  #take(text) {
    let line
    try {
      line = JSON.parse(text)
    } catch {
      this.#refuse(`it said what is no JSON: ${text.slice(0, 200)}`)
      return
    }
    if (line.cut !== undefined || line.begun !== undefined) this.#onCall(line)
    else if (this.#waiting) this.#waiting.resolve(line)
    else if (line.error !== undefined) this.#complaint ??= new ChaosrunError(line.error)
  }

  #refuse(reason) {
    this.#end(reason)
    this.kill()
  }

  #end(reason) {
    this.#ended ??= new ChaosrunError(`chaosrun fixture is gone: ${reason}${this.#said()}`)
    this.#waiting?.reject(this.#ended)
  }

  #said() {
    const log = this.#log.trim()
    return log === "" ? "" : `\nIt said on standard error:\n${log}`
  }

  #handles() {
    const { stdin, stdout, stderr } = this.#child
    return [this.#child, stdin, stdout, stderr]
  }

  #holdNothing() {
    for (const handle of this.#handles()) handle.unref?.()
  }
}

module.exports = { Fixture }
