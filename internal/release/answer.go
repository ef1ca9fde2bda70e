package release

import "time"

// Next tells the state machine where to go. The set is closed: the machine's Choice states know every value.
type Next string

// Where a function sends the state machine.
const (
	NextWait      Next = "wait"      // the same function again, after Wait
	NextCheck     Next = "check"     // the canary has its weight: CheckAlarms
	NextShift     Next = "shift"     // the next step of the plan: DeployCanary
	NextPromote   Next = "promote"   // Promote, and again after settling
	NextSettle    Next = "settle"    // promoted: CheckAlarms watches
	NextRollback  Next = "rollback"  // Rollback
	NextDone      Next = "done"      // Promote: Released. Rollback: RolledBack
	NextRecovered Next = "recovered" // a recovery brought things home: a success of the recovery
	NextNothing   Next = "nothing"   // the revision is live already
	NextRefused   Next = "refused"   // not started, for the reason in the note
	NextDirty     Next = "dirty"     // Rollback cannot bring things home: a person must
)

// Answer is what every function answers; it replaces the state machine's data.
type Answer struct {
	Release ID      `json:"release"`
	Next    Next    `json:"next"`
	Wait    Seconds `json:"wait"`             // whole seconds, at least 1 where Next is wait
	Note    string  `json:"note"`             // one sentence for a person, possibly empty
	Intent  Intent  `json:"intent,omitempty"` // what the execution is for, where the state machine tells its errors by it: cleanup
}

// Seconds is a duration in whole seconds, as Step Functions' Wait wants it.
type Seconds int

// WaitOf rounds a duration up to whole seconds, at least 1: Step Functions refuses less than a whole second to wait
// and a shorter wait would only poll faster.
func WaitOf(d time.Duration) Seconds {
	return Seconds(max(1, (d+time.Second-1)/time.Second))
}
