/** The Splunk HEC receiver, the NDJSON endpoint and the canonical record form. */
export {}
