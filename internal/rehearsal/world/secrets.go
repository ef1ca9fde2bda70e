package world

// Secrets stand in the definitions of every rehearsed workload. They must never appear in a log, the ledger, a report
// or a message; a test searches for them.
var Secrets = []string{"postgres://orders:SECRET-IN-ENVIRONMENT@db/orders", "SECRET-IN-LOG-OPTION", "SECRET-IN-COMMAND"}
