/** The SDK's client with everything said that it would otherwise look for in the environment or in files. */
import { S3Client } from "@aws-sdk/client-s3"
import type { Agents } from "../network/GuardedAgents.ts"
import { askFirstBytes } from "../network/RequestBody.ts"
import type { S3Endpoint } from "./S3Endpoint.ts"
import { S3Handler } from "./S3Handler.ts"

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string
}

/** Retries are the leg's (`maxAttempts`), and checksums in trailers are refused by many services (`WHEN_REQUIRED`). */
export const makeS3Client = (endpoint: S3Endpoint, credentials: Credentials, agents: Agents): S3Client =>
  new S3Client({
    endpoint: endpoint.url,
    region: endpoint.region,
    forcePathStyle: endpoint.pathStyle,
    credentials,
    requestHandler: new S3Handler(agents),
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard",
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: askFirstBytes,
    followRegionRedirects: false,
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    authSchemePreference: ["sigv4"],
    sigv4aSigningRegionSet: [endpoint.region],
    userAgentAppId: "tailrace"
  })
