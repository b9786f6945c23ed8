export * from "./test.cjs"
