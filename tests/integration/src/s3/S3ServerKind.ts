/** The S3 servers that tests run against, with one way to start them: ours, and versitygw. */
import { type Running, type S3ServerError, serve } from "@tailrace/s3-server"
import { Effect, Redacted, type Scope } from "effect"
import { go, type Tool } from "../tool.ts"
import { startVersitygw, type VersitygwError } from "./versitygw.ts"

export const accessKeyId = "AKIATESTTESTTESTTEST"
export const secretAccessKey = Redacted.make("test/secret+Access=Key0123456789")

export interface StartOptions {
  /** Keeps the objects: a server started again on it serves them again. */
  readonly folder: string
  /** 0: any. */
  readonly port: number
  readonly buckets: ReadonlyArray<string>
}

export interface S3ServerKind {
  readonly name: string
  readonly needs: ReadonlyArray<Tool>
  /**
   * Of racing `If-None-Match: *` exactly one is stored. versitygw 1.7.0 looks first and then replaces
   * (`backend/posix/posix.go` PutObject, `with_otmpfile.go` link), so that two may both be told that they were.
   */
  readonly atomic: boolean
  /** Until the scope closes. Names below `localhost` reach its buckets in virtual-host style. */
  start(options: StartOptions): Effect.Effect<Running, S3ServerError | VersitygwError, Scope.Scope>
}

export const ours: S3ServerKind = {
  name: "our own S3 server",
  needs: [],
  atomic: true,
  start: (options) => serve({ ...options, credentials: [{ accessKeyId, secretAccessKey }] })
}

export const versitygw: S3ServerKind = {
  name: "versitygw",
  needs: [go],
  atomic: false,
  start: (options) => startVersitygw({ ...options, accessKeyId, secretAccessKey: Redacted.value(secretAccessKey) })
}

export const kinds: ReadonlyArray<S3ServerKind> = [ours, versitygw]
