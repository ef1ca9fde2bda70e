// Package ledgertest is the contract between the ledger and a DynamoDB: what must hold of any table that the ledger
// runs against, simulated or real. It is imported by tests only.
//
//	contract.go  Contract, and the world that it is given
//	targets.go   the parts about what is kept for a target: its history, its line, its overrides
//	sample.go    releases of a usual size
package ledgertest
