/** Pure rules: tailnets, plans, roles, destinations, records, windows, retry arithmetic. */
export {}
