// The errors of the package. Each has a name that survives bundlers and both module systems.

const { AssertionError } = require("node:assert")

/**
 * ChaosrunError says that the package or its `chaosrun` process could not do what was asked. It
 * says nothing about the engine.
 */
class ChaosrunError extends Error {
  constructor(message) {
    super(message)
    named(this, "ChaosrunError")
  }
}

/**
 * ChaosrunFailed is a failed verdict. Its message is the judge's text: expected, measured, lanes,
 * what to change, the command that repeats it.
 */
class ChaosrunFailed extends AssertionError {
  constructor(message, result) {
    super({ message: message.trimEnd() })
    named(this, "ChaosrunFailed")
    hidden(this, result)
    // Test runners print these, and a comparison, if they are there. The message has said it all.
    for (const name of ["actual", "expected", "operator", "generatedMessage", "diff"]) delete this[name]
  }
}

/** ChaosrunUnknown is a verdict of unknown: something could not be looked at, so nothing passed. */
class ChaosrunUnknown extends ChaosrunError {
  constructor(message, result) {
    super(message.trimEnd())
    named(this, "ChaosrunUnknown")
    hidden(this, result)
  }
}

/**
 * ChaosrunSkipped says why a scenario cannot be run with these options. `chaosrun/test` turns it
 * into a skipped test.
 */
class ChaosrunSkipped extends ChaosrunError {
  constructor(message) {
    super(message)
    named(this, "ChaosrunSkipped")
  }
}

// named sets the name as the language's own errors have it, which test runners do not print as a
// property.
function named(error, name) {
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true })
}

// hidden adds a result that test runners do not print: it holds a whole report.
function hidden(error, result) {
  Object.defineProperty(error, "result", { value: result, configurable: true, writable: true })
}

/**
 * at gives an error the stack of the line that called the package, in place of one that ends inside
 * of it. here is an object that Error.captureStackTrace has marked there.
 */
function at(error, here) {
  const frames = here.stack.slice(here.stack.indexOf("\n") + 1)
  Object.defineProperty(error, "stack", {
    value: `${error.name}: ${error.message}\n${frames}`,
    configurable: true,
    writable: true,
  })
  return error
}

/** mark remembers the line that called `caller`. */
function mark(caller) {
  const here = {}
  Error.captureStackTrace(here, caller)
  return here
}

module.exports = { ChaosrunError, ChaosrunFailed, ChaosrunUnknown, ChaosrunSkipped, at, mark }
