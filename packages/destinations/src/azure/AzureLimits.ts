/** What Blob Storage's documents fix, and this destination relies on. */

/**
 * The version of the service that is spoken: one blob may be of 5,000 MiB in one `Put Blob` (since 2019-12-12), so an
 * object is always one request. https://learn.microsoft.com/rest/api/storageservices/put-blob
 */
export const serviceVersion = "2021-12-02"

/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
export const containerName = /^(\$root|\$web|(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9])$/

/** https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name */
export const accountName = /^[a-z0-9]{3,24}$/
