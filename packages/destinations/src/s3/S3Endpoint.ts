/** Where a configuration's objects lie: endpoint, region, addressing style, and what two of them share. Pure. */
import { awsAccountOf, type S3Config } from "@tailrace/domain"
import { Result } from "effect"
import type { AllowedRanges } from "../network/AllowedRanges.ts"
import { checkUrl } from "../network/Guard.ts"
import { InvalidDestination } from "../ObjectStore.ts"

export interface S3Endpoint {
  readonly url: string
  readonly region: string
  readonly pathStyle: boolean
}

/** Also what a client signs for a service that has no regions. */
export const defaultRegion = "us-east-1"

const regionOf = (config: S3Config) => config.region === "" ? defaultRegion : config.region

/** Partition suffixes: https://docs.aws.amazon.com/general/latest/gr/s3.html */
const awsUrl = (region: string) => `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`

const awsHost = /^s3([.-](dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(\.cn)?\.?$/

const isAws = (url: string) => url === "" || awsHost.test(URL.parse(url)?.hostname ?? "")

export const s3Endpoint = (config: S3Config): S3Endpoint => {
  const region = regionOf(config)
  return {
    url: config.url === "" ? awsUrl(region) : config.url,
    region,
    pathStyle: config.addressing === "auto" ? !isAws(config.url) : config.addressing === "path"
  }
}

const normalised = (url: string) => {
  const parsed = URL.parse(url)
  return parsed === null ? url : `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/+$/, "")}`
}

/** Bucket names are unique in all of AWS's regions of a partition, so the region does not tell two apart. */
export const s3Target = (config: S3Config): string => {
  const { region, url } = s3Endpoint(config)
  const place = isAws(config.url) ? `aws${region.startsWith("cn-") ? "-cn" : ""}` : normalised(url)
  return `s3 ${place} ${config.bucket}`
}

const bucketName = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,255}$/
const regionName = /^[A-Za-z0-9-]{0,64}$/
/** Goes into a header. */
const printable = /^[\x21-\x7e]{1,256}$/

const invalid = (field: string, reason: string) => Result.fail(new InvalidDestination({ field, reason }))

const checkAuth = ({ accessKeyId, region, role, url }: S3Config): Result.Result<void, InvalidDestination> => {
  if (role === undefined) {
    return printable.test(accessKeyId)
      ? Result.succeed(undefined)
      : invalid("accessKeyId", "must be printable ASCII without spaces")
  }
  if (awsAccountOf(role.arn) === undefined) {
    return invalid("roleArn", "is not the ARN of a role, such as arn:aws:iam::123456789012:role/name")
  }
  return url === "" && region === "" ? invalid("region", "is needed with a role") : Result.succeed(undefined)
}

/** Everything that can be known to fail without asking the service; names the field. */
export const checkS3Config = (config: S3Config, allowed: AllowedRanges): Result.Result<void, InvalidDestination> => {
  if (!bucketName.test(config.bucket)) return invalid("bucket", "is not a bucket's name")
  if (!regionName.test(config.region)) return invalid("region", "is not a region's name")
  return Result.flatMap(
    checkAuth(config),
    () => Result.map(checkUrl(s3Endpoint(config).url, allowed), () => undefined)
  )
}
