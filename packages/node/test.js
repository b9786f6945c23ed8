// The same for code that imports. There is one copy of everything, so an error of one is an error
// of the other.

export {
  binary,
  chaosrun,
  ChaosrunError,
  ChaosrunFailed,
  ChaosrunSkipped,
  ChaosrunUnknown,
  restart,
  thinking,
  tool,
} from "./test.cjs"
