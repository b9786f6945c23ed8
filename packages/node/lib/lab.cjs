// A Lab is one run of one scenario: providers that fail, and a judge.

const { at, ChaosrunError, ChaosrunFailed, ChaosrunSkipped, ChaosrunUnknown, mark } = require("./errors.cjs")
const { duration } = require("./options.cjs")
const { failure, isError, piece, pieces } = require("./pieces.cjs")

// Taken when the module is loaded: a test's fake timers must not stop the package.
const { setTimeout, clearTimeout } = globalThis

/** version is that of the fixture's protocol. */
const version = 1

/**
 * grace is how long a function of saw may take to return after its call was cut, in milliseconds.
 * It is that of `chaosrun exec`.
 */
const grace = 5_000

/** mostText bounds an answer, in characters. */
const mostText = 64 * 1024 * 1024

const given = Symbol("given up")

class Lab {
  #fixture
  #calls
  #made = 0 // calls that saw has made
  #begun = 1 // calls that the fixture has begun
  #begin = [] // what waits for the next one
  #open = new Map() // what calls under way do when they are cut, by number
  #cuts = new Map() // the reasons of calls that were cut, by number
  #judging = null
  #closing = null
  #result = null

  constructor(fixture, hello) {
    this.#fixture = fixture
    this.#calls = hello.calls ?? [{ prompt: "" }]
    this.scenario = hello.fixture
    this.title = hello.title ?? ""
    this.clock = hello.clock
    this.notes = hello.notes ?? []
    this.env = { ...hello.env }
    this.upstreams = hello.upstreams.map(({ base_url: baseURL, ...rest }) => ({ ...rest, baseURL }))
  }

  get calls() {
    return this.#calls.map((call) => ({ ...call }))
  }

  get prompt() {
    return this.#calls[0].prompt ?? ""
  }

  get result() {
    return this.#result
  }

  get trace() {
    return this.#result?.text ?? ""
  }

  /**
   * take takes a line about a call: that it can be made, or that it is cut. Then its providers stop
   * serving, so the engine's connections break by themselves.
   */
  take({ begun, cut, reason }) {
    if (cut !== undefined) {
      this.#cuts.set(cut, reason)
      this.#open.get(cut)?.()
    }
    this.#begun = begun ?? this.#calls.length // no call begins after a cut
    for (const done of this.#begin.splice(0)) done()
  }

  async saw(got) {
    const here = mark(this.saw)
    this.#usable(here)
    if (this.#judging) throw at(new ChaosrunError("the lab is judged already: open another one for another call"), here)
    if (this.#made === this.#calls.length) {
      const most = this.#calls.length === 1 ? "one call" : `${this.#calls.length} calls`
      throw at(new ChaosrunError(`${this.scenario} makes ${most}, and this is one more: open another lab for it`), here)
    }
    const number = ++this.#made
    const release = this.#fixture.hold() // whatever the engine does, a call ends: it returns or is cut
    let timer
    const tooLate = new Promise((done) => {
      this.#open.set(number, () => (timer ??= setTimeout(done, grace, given)))
      if (this.#cuts.has(number)) this.#open.get(number)()
    })
    const call = { number, over: false }
    const following = this.#follow(call, got)
    following.catch(() => {}) // it may end when nobody waits for it any more
    try {
      const text = await Promise.race([following, tooLate])
      if (text !== given) return text
    } catch (error) {
      throw error instanceof ChaosrunError || error instanceof TypeError ? at(error, here) : error
    } finally {
      call.over = true
      clearTimeout(timer)
      this.#open.delete(number)
      release()
    }
    return this.#givenUp(number, here)
  }

  // follow makes a call, tells the fixture what its caller got, and returns the text.
  async #follow(call, got) {
    let value
    try {
      value = await this.#make(call.number, got)
    } catch (error) {
      if (error instanceof ChaosrunError) throw error
      return this.#end(call, "", { error })
    }
    return isError(value) ? this.#end(call, "", { error: value }) : this.#deliver(call, pieces(value))
  }

  // make waits for the call's turn, and returns what its function does.
  async #make(number, got) {
    while (number > this.#begun) {
      await Promise.race([new Promise((done) => this.#begin.push(done)), this.#fixture.exited])
      this.#fixture.check()
    }
    if (typeof got !== "function") return got
    const call = this.#calls[number - 1]
    if (call.after_s) await new Promise((done) => setTimeout(done, call.after_s * 1000))
    return got({ ...call })
  }

  // deliver tells the pieces of an answer. What is no piece is the test's mistake, and no error of
  // the engine.
  async #deliver(call, all) {
    const source = all[Symbol.asyncIterator]?.() ?? all[Symbol.iterator]()
    let text = ""
    let done = false
    try {
      while (!call.over) {
        let next
        try {
          next = await source.next()
          done = Boolean(next.done)
          if (!done) next = { value: await next.value }
        } catch (error) {
          done = true
          return this.#end(call, text, { error })
        }
        if (done) return this.#end(call, text)
        const line = piece(next.value)
        if (!line) continue
        text = line.restart ? "" : text + (line.text ?? "")
        if (text.length > mostText) throw new ChaosrunError(`an answer of more than ${mostText} characters`)
        await this.#fixture.tell({ call: call.number, ...line })
      }
      return text
    } finally {
      if (!done) Promise.resolve(source.return?.()).catch(() => {})
    }
  }

  // end tells how a call ended, and returns its text.
  async #end(call, text, thrown) {
    const keys = this.upstreams.map((upstream) => upstream.key).filter(Boolean)
    if (!call.over)
      await this.#fixture.tell({ call: call.number, ...(thrown ? failure(thrown.error, keys) : { end: true }) })
    return text
  }

  // givenUp judges a call whose function has not returned, and throws the verdict.
  async #givenUp(number, here) {
    const reason = this.#cuts.get(number)
    await this.#fixture.tell({
      call: number,
      error: `${reason}, and ${grace / 1000} s later it had not returned`,
      type: "Cut",
    })
    this.#verdict(await this.#judge(here), here)
    return ""
  }

  async check() {
    const here = mark(this.check)
    this.#verdict(await this.#judge(here), here)
  }

  async expect(expectations, { limits } = {}) {
    await this.#expect(Array.isArray(expectations) ? expectations : [expectations], mark(this.expect), limits)
  }

  async assertFellBack({ within } = {}) {
    const limits = within === undefined ? {} : { time_to_fallback: within }
    await this.#expect(["time_to_fallback", "answer"], mark(this.assertFellBack), limits)
  }

  async assertAnsweredFrom(name) {
    await this.#expect([{ answer: { from: String(name) } }], mark(this.assertAnsweredFrom))
  }

  async assertStayed() {
    await this.#expect(["no_fallback", { answer: { from: this.upstreams[0].name } }], mark(this.assertStayed))
  }

  async assertFailed() {
    await this.#expect([{ answer: { outcome: "failed" } }], mark(this.assertFailed))
  }

  async #expect(entries, here, limits = {}) {
    const line = { expect: entries }
    for (const [measure, time] of Object.entries(limits))
      line.limits = { ...line.limits, [measure]: duration(time, measure) }
    const whole = await this.#judge(here)
    if (whole.verdict === "unknown" || whole.verdict === "skipped") this.#verdict(whole, here) // nothing passes then
    this.#verdict(await this.#ask(line, here), here)
  }

  // judge asks for the verdict once, and keeps it.
  #judge(here) {
    this.#judging ??= this.#judgeNow(here).catch((error) => {
      this.#judging = null
      throw error
    })
    return this.#judging
  }

  async #judgeNow(here) {
    this.#usable(here)
    if (this.#open.size > 0)
      throw at(new ChaosrunError("a call is still under way: await lab.saw(…) before the first assertion"), here)
    const { verdict, outcome, report, text } = await this.#ask({ judge: true }, here)
    this.#result = { verdict, outcome, report, text }
    return this.#result
  }

  async #ask(line, here) {
    this.#usable(here)
    const answer = await this.#fixture.ask(line).catch((error) => {
      throw at(error, here)
    })
    if (answer.error !== undefined) throw at(new ChaosrunError(answer.error), here)
    return answer
  }

  #usable(here) {
    if (this.#closing) throw at(new ChaosrunError("the lab is closed"), here)
  }

  #verdict(answer, here) {
    if (answer.verdict === "passed" || answer.verdict === "partial") return // what fails in a partial one is advisory
    const Verdict = { failed: ChaosrunFailed, skipped: ChaosrunSkipped }[answer.verdict] ?? ChaosrunUnknown
    throw at(new Verdict(answer.text, this.#result), here)
  }

  close() {
    return (this.#closing ??= this.#fixture.close())
  }
}

if (Symbol.asyncDispose) Lab.prototype[Symbol.asyncDispose] = Lab.prototype.close

/** greet returns the lab of a fixture's first line. It throws what the line says instead. */
function greet(line, make) {
  if (line.skipped !== undefined) throw new ChaosrunSkipped(line.skipped)
  if (line.error !== undefined) throw new ChaosrunError(line.error)
  if (line.v !== version)
    throw new ChaosrunError(
      `chaosrun fixture speaks version ${line.v} of its protocol, this package version ${version}: ` +
        "take both of one release",
    )
  return make(line)
}

module.exports = { Lab, greet }
