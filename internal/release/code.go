package release

import (
	"errors"
	"fmt"
	"slices"
)

// Code names an error. It is the name that the state machine's Retry and Catch use, so every code that a
// function can return stands in the table below.
type Code string

// The error codes. Expected ends of a release (busy, rejected, nothing to do) are values of Next, not errors.
const (
	Throttled     Code = "Throttled"     // AWS asked us to slow down and the SDK's own retries were used up
	Unavailable   Code = "Unavailable"   // AWS answered 5xx, or did not answer in time
	Conflict      Code = "Conflict"      // a conditional write of the ledger lost against another invocation
	Invalid       Code = "Invalid"       // the target, the request or an alarm name is wrong
	Forbidden     Code = "Forbidden"     // a revision, registry or role outside the target
	NotFound      Code = "NotFound"      // something that the target names does not exist
	Unstable      Code = "Unstable"      // the workload is in the middle of somebody's deployment
	Denied        Code = "Denied"        // an IAM permission is missing
	Illegal       Code = "Illegal"       // a transition that the phase table does not hold
	Panicked      Code = "Panicked"      // a function panicked
	Unexpected    Code = "Unexpected"    // an answer that no rule of ours explains
	LedgerCorrupt Code = "LedgerCorrupt" // the record of the baseline cannot be read: restoring by guess is not restoring
)

// Class says what the state machine does with an error of a function.
type Class string

// The classes.
const (
	ClassRetry    Class = "retry"    // try the same task again, with back-off
	ClassRollback Class = "rollback" // bring back the baseline
	ClassDirty    Class = "dirty"    // no machine can go on: mark the release dirty and call a person
)

// CodeInfo is one row of the table of error codes.
type CodeInfo struct {
	Code  Code
	Class Class
}

// Codes returns the table of error codes: every code that a function may return, with its class.
// The state machine's Retry and Catch are generated from it.
func Codes() []CodeInfo {
	return []CodeInfo{
		{Throttled, ClassRetry},
		{Unavailable, ClassRetry},
		{Conflict, ClassRetry},
		{Invalid, ClassRollback},
		{Forbidden, ClassRollback},
		{NotFound, ClassRollback},
		{Unstable, ClassRollback},
		{Denied, ClassRollback},
		{Illegal, ClassRollback},
		{Panicked, ClassRollback},
		{Unexpected, ClassRollback},
		{LedgerCorrupt, ClassDirty},
	}
}

// ClassOf returns the class of a code; an undeclared code is treated as Unexpected.
func ClassOf(code Code) Class {
	table := Codes()
	i := slices.IndexFunc(table, func(row CodeInfo) bool { return row.Code == code })
	if i < 0 {
		return ClassRollback
	}
	return table[i].Class
}

// Error is the one error type of serin. Op says what was tried, in words a person can read
// ("describe service orders-worker"); Err says what went wrong and what to do about it.
type Error struct {
	Code Code
	Op   string
	Err  error
}

// Error returns "op: cause".
func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%s: %s", e.Op, e.Code)
	}
	if e.Op == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("%s: %v", e.Op, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error whose cause is made by fmt.Errorf.
func Errorf(code Code, op, format string, args ...any) *Error {
	return &Error{Code: code, Op: op, Err: fmt.Errorf(format, args...)}
}

// CodeOf returns the code of the outermost Error in err's chain, or Unexpected.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Unexpected
}
