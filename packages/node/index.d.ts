export * from "./index.cjs"
