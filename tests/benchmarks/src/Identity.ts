/** The key that the benchmarks' S3 server takes. */
import { Redacted } from "effect"

export const accessKeyId = "AKIABENCHBENCHBENCHB"
export const secretAccessKey = Redacted.make("bench/secret+Access=Key0123456789")
