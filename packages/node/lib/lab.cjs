// A Lab is one run of one scenario: providers that fail, and a judge.

const { at, ChaosrunError, ChaosrunFailed, ChaosrunSkipped, ChaosrunUnknown, mark } = require("./errors.cjs")
const { duration } = require("./options.cjs")
const { failure, isError, piece, pieces } = require("./pieces.cjs")

// Taken when the module is loaded: a test's fake timers must not stop the package.
const { setTimeout, clearTimeout } = globalThis

/** version is that of the fixture's protocol. */
const version = 1

/** grace is how long a function of saw may take to return after its call was cut, in milliseconds. It is that of `chaosrun exec`. */
const grace = 5_000

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

  /** take takes a line about a call: that it can be made, or that it is cut. Then its providers stop serving, so the engine's connections break by themselves. */
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
    const following = this.#follow(number, got)
    try {
      const text = await Promise.race([following, tooLate])
      if (text !== given) return text
    } catch (error) {
      throw error instanceof ChaosrunError || error instanceof TypeError ? at(error, here) : error
    } finally {
      clearTimeout(timer)
      this.#open.delete(number)
      release()
    }
    return this.#givenUp(number, following, here)
  }

  // follow tells the fixture what the caller got, and returns its text.
  async #follow(number, got) {
    let text = ""
    const tell = (line) => this.#fixture.tell({ call: number, ...line })
    const end = async (error) => {
      await tell(error ? failure(error, this.upstreams.map((u) => u.key).filter(Boolean)) : { end: true })
      return text
    }
    let value = got
    try {
      while (number > this.#begun) {
        await Promise.race([new Promise((done) => this.#begin.push(done)), this.#fixture.exited])
        this.#fixture.check()
      }
      if (typeof got === "function") {
        const call = this.#calls[number - 1]
        if (call.after_s) await new Promise((done) => setTimeout(done, call.after_s * 1000))
        value = got({ ...call })
      }
      value = await value
    } catch (error) {
      if (error instanceof ChaosrunError) throw error
      return end(error)
    }
    if (isError(value)) return end(value)
    const source = pieces(value)[Symbol.asyncIterator]?.() ?? pieces(value)[Symbol.iterator]()
    for (;;) {
      let next
      try {
        next = await source.next()
        if (!next.done) next = { done: false, value: await next.value }
      } catch (error) {
        return end(error)
      }
      if (next.done) return end()
      const line = piece(next.value) // what is no piece is the test's mistake, and no error of the engine
      if (line?.restart) text = ""
      text += line?.text ?? ""
      if (line) await tell(line)
    }
  }

  // givenUp judges a call whose function has not returned, and throws the verdict.
  async #givenUp(number, following, here) {
    following.catch(() => {}) // it may still end, when nobody listens
    const reason = this.#cuts.get(number)
    await this.#fixture.tell({ call: number, error: `${reason}, and ${grace / 1000} s later it had not returned`, type: "Cut" })
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
    for (const [measure, time] of Object.entries(limits)) line.limits = { ...line.limits, [measure]: duration(time, measure) }
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
    if (this.#open.size > 0) throw at(new ChaosrunError("a call is still under way: await lab.saw(…) before the first assertion"), here)
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
  if (line.v !== version) throw new ChaosrunError(`chaosrun fixture speaks version ${line.v} of its protocol, this package version ${version}: take both of one release`)
  return make(line)
}

module.exports = { Lab, greet }
