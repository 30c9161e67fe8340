/** Which bucket and key a request names, in path or in virtual-host style; and which of them can be files. Pure. */
import { Option, Result } from "effect"
import { type S3Error, s3Error } from "./S3Error.ts"

export interface Target {
  /** Empty: the service itself. */
  readonly bucket: string
  /** Empty: the bucket itself. */
  readonly key: string
}

const bucketPattern = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

export const isBucketName = (name: string): boolean => bucketPattern.test(name) && !name.includes("..")

const hostName = (host: string) => host.replace(/:\d+$/, "").toLowerCase()

/** `bucket.s3.localhost:9000` names a bucket when `s3.localhost` is one of the server's own names. */
const virtualBucket = (host: string, domains: ReadonlyArray<string>): Option.Option<string> => {
  const name = hostName(host)
  const domain = domains.find((domain) => name.endsWith(`.${domain}`))
  return domain === undefined ? Option.none() : Option.some(name.slice(0, -domain.length - 1))
}

const decodePath = Option.liftThrowable((path: string) => decodeURIComponent(path))

/** `target` as on the request line. */
export const parseTarget = (
  { domains, host, target }: { readonly domains: ReadonlyArray<string>; readonly host: string; readonly target: string }
): Result.Result<Target, S3Error> => {
  const [rawPath = "/"] = target.split("?", 1)
  return Option.match(decodePath(rawPath.slice(1)), {
    onNone: () => Result.fail(s3Error("InvalidArgument", "the path is not valid UTF-8")),
    onSome: (path) => {
      const bucket = virtualBucket(host, domains)
      if (Option.isSome(bucket)) return checkTarget({ bucket: bucket.value, key: path })
      const slash = path.indexOf("/")
      return checkTarget(
        slash < 0 ? { bucket: path, key: "" } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) }
      )
    }
  })
}

const isFileName = (segment: string) =>
  segment !== "" && segment !== "." && segment !== ".." && !segment.includes("\0") && Buffer.byteLength(segment) <= 255

/** A key is a path of file names here: none may lead out of the bucket's folder, and no two keys may be one file. */
const checkTarget = (target: Target): Result.Result<Target, S3Error> => {
  if (target.bucket !== "" && !isBucketName(target.bucket)) return Result.fail(s3Error("InvalidBucketName"))
  if (Buffer.byteLength(target.key) > 1_024) return Result.fail(s3Error("KeyTooLongError"))
  if (target.key !== "" && !target.key.split("/").every(isFileName)) {
    return Result.fail(
      s3Error("InvalidArgument", "this server keeps objects as files: a part of the key is no file name")
    )
  }
  return Result.succeed(target)
}
