// For code that requires: the same, loaded at the first call.

exports.chaosrun = async (...args) => (await import("./index.js")).chaosrun(...args)
