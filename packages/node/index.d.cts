/** A time: a number of seconds, or a text such as "1m30s" or "500ms". */
export type Time = number | string

/** The wires that the scenarios' providers speak. */
export type Protocol = "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini" | (string & {})

/** What is measured against a limit. */
export type Measure = "time_to_fallback" | "time_to_first_content" | "time_to_answer"

export interface LabOptions {
  /**
   * The longest time to the first request at another provider. Default: the scenario's own limit. A
   * call that is a tenth longer without an answer or a fallback is cut.
   */
  within?: Time
  /**
   * Puts every provider on one wire, for an engine that has one SDK. Default: what the scenario
   * says.
   */
  protocol?: Protocol | Protocol[]
  /** Other limits, by measure. Default: the scenario's own. */
  limits?: Partial<Record<Measure, Time>>
  /**
   * The pause between heartbeats, or "as-written". Default: 500 ms, because an idle timer that any
   * byte resets would otherwise end the stream first, and pass by luck.
   */
  cadence?: Time
  /**
   * Cuts a call after this time in any case. Default: the scenario's deadline, and at most 10
   * minutes in real time.
   */
  deadline?: Time
  /** Seeds what the scenario draws at random. Default: 1. */
  seed?: number | bigint
}

/** A provider of the scenario, in the order of the chain: the primary comes first. */
export interface Upstream {
  name: string
  protocol: Protocol
  /** The origin alone: http://127.0.0.1:40001 */
  url: string
  /**
   * What the vendor's SDK wants as its base URL: with /v1 for OpenAI's, without for Anthropic's.
   */
  baseURL: string
  /** Any other value works too. A request without a key is refused, as at the vendor. */
  key: string
  model: string
}

/** A call that the test makes. */
export interface Call {
  prompt: string
  /** What a caller with more to say than a prompt sends, in the shape of Chat Completions. */
  messages?: unknown[]
  tools?: unknown[]
  /** Says whether the caller wants a stream. */
  stream: boolean
  /** The pause before the call, in seconds. saw makes it before it calls a function. */
  after_s?: number
  /**
   * How long the conversation is, in tokens. Engines that wait longer for larger ones want to know.
   */
  context_tokens?: number
}

export type Verdict = "passed" | "partial" | "failed" | "unknown" | "skipped"

export interface Result {
  /** The verdict of the scenario's own expectations. */
  verdict: Verdict
  /** What the caller got: answered, truncated, spliced, empty, failed, hung, … */
  outcome: string
  /** The run, as in the JSON report chaosrun.report/v1. */
  report: unknown
  /** The verdict as people read it: expected, measured, lanes, what to change, what repeats it. */
  text: string
}

/** A piece of an answer that is no text. See thinking, tool and restart. */
export interface Piece {
  readonly thinking?: string
  readonly tool?: unknown
  readonly restart?: true
}

/** What a caller of the engine got: text at once, pieces of text as they came, or an error. */
export type Answer =
  string | Piece | Error | AsyncIterable<string | Piece> | Iterable<string | Piece> | ReadableStream<string>

/** What saw takes: an answer, a promise of one, or a function that returns or throws one. */
export type Got = Answer | PromiseLike<Answer> | ((call: Call) => Answer | PromiseLike<Answer>)

/** One run of one scenario: providers that fail on loopback, and a judge. */
export interface Lab {
  /** The scenario's name. */
  readonly scenario: string
  readonly title: string
  /** "virtual" under `chaosrun exec`, "wall" in real time. */
  readonly clock: string
  /**
   * What is worth knowing, such as how to have virtual time. It was printed once, on standard
   * error.
   */
  readonly notes: string[]
  /**
   * The variables of `chaosrun exec`: PRIMARY_BASE_URL, PRIMARY_API_KEY, PRIMARY_MODEL,
   * OPENAI_BASE_URL, …
   */
  readonly env: Record<string, string>
  readonly upstreams: Upstream[]
  /** The calls that the test makes. Most scenarios have one. */
  readonly calls: Call[]
  /** The prompt of the first call. */
  readonly prompt: string
  /** The verdict, or null before the first assertion. */
  readonly result: Result | null
  /** The text of the verdict, with the lanes; "" before the first assertion. */
  readonly trace: string

  /**
   * Makes the next call of the scenario and records what its caller got, an error as well, and
   * returns the text. A function is called with the call. A call that hangs is cut: its connections
   * break, and a function that has not returned 5 s later is given up, with the verdict. It throws
   * a TypeError for what is no answer, and a ChaosrunError for more calls than the scenario makes.
   */
  saw(got: Got): Promise<string>
  /** Judges the scenario's own expectations. */
  check(): Promise<void>
  /**
   * Judges other expectations, as a scenario's `expect` has them: lab.expect([{ attempts: {
   * primary: { max: 1 } } }]).
   */
  expect(expectations: unknown | unknown[], options?: { limits?: Partial<Record<Measure, Time>> }): Promise<void>
  /**
   * Judges that another provider was asked in time, and that the caller got the whole answer of one
   * provider. Default: the limit of the lab, or of the scenario.
   */
  assertFellBack(options?: { within?: Time }): Promise<void>
  /** Judges that every caller got the whole answer of this provider, once. */
  assertAnsweredFrom(name: string): Promise<void>
  /** Judges that no other provider was asked, and that the primary answered. */
  assertStayed(): Promise<void>
  /** Judges that every caller got an error, and not a part of an answer. */
  assertFailed(): Promise<void>
  /** Ends the providers. It may be called more than once. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts the providers of a scenario, a name or a file, on 127.0.0.1. Close the lab, or take
 * chaosrun of "chaosrun/test", which does at the end of the test. An open lab does not keep Node
 * from ending, and ends with it.
 *
 * It throws ChaosrunSkipped for a scenario that cannot be run with these options, and ChaosrunError
 * for one that is wrong.
 */
export function chaosrun(scenario: string, options?: LabOptions): Promise<Lab>

/**
 * Returns the path of the chaosrun command: CHAOSRUN_BINARY, that of this platform's package, or
 * the first on the PATH.
 */
export function binary(): string

/** Returns a piece of reasoning. */
export function thinking(text: string): Piece
/** Returns a piece of a tool call: its name, or a part of its arguments, a JSON text. */
export function tool(piece: { index?: number; id?: string; name?: string; arguments?: string }): Piece
/**
 * Returns the marker after which the answer begins anew: the caller forgets all that came before
 * it.
 */
export function restart(): Piece

/** The package or its process could not do what was asked. It says nothing about the engine. */
export class ChaosrunError extends Error {}
/** A failed verdict, an AssertionError. Its message is the judge's text. */
export class ChaosrunFailed extends Error {
  readonly code: "ERR_ASSERTION"
  readonly result: Result
}
/** A verdict of unknown: something could not be looked at. It never passes. */
export class ChaosrunUnknown extends ChaosrunError {
  readonly result: Result
}
/** The scenario cannot be run with these options, and says why. */
export class ChaosrunSkipped extends ChaosrunError {}
