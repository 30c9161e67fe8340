/** What of a URL makes a place: two that differ in the rest mean the same one. */
export const placeOf = (url: string): string => {
  const parsed = URL.parse(url)
  return parsed === null ? url : `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`
}
