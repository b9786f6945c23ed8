const { binary } = require("./binary.cjs")
const { at } = require("./errors.cjs")
const { greet, Lab } = require("./lab.cjs")
const { flags } = require("./options.cjs")
const { Fixture } = require("./process.cjs")

/**
 * open starts the providers of a scenario. here is the line that asked for them; replay, if set, is
 * the command that repeats it.
 */
async function open(here, scenario, options, replay) {
  let lab
  let fixture
  try {
    const args = flags(scenario, options)
    if (replay) args.push("--replay", replay)
    fixture = new Fixture(binary(), args, (line) => lab?.take(line))
    lab = greet(await fixture.ask(), (line) => new Lab(fixture, line))
  } catch (error) {
    fixture?.kill()
    throw at(error, here)
  }
  lab.notes.forEach(say)
  return lab
}

const said = new Set()

// say prints a note of a lab, once for each process.
function say(note) {
  if (said.has(note)) return
  said.add(note)
  console.error(`chaosrun: ${note}`)
}

module.exports = { open }
