package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// OrderVerb is what a person asks of serin.
type OrderVerb string

// The orders.
const (
	OrderApprove    OrderVerb = "approve"     // the step that waits for an approval may go on
	OrderReject     OrderVerb = "reject"      // it may not: the baseline comes back
	OrderRollback   OrderVerb = "rollback"    // the baseline comes back, from the next look on
	OrderStop       OrderVerb = "stop"        // the baseline comes back at once: the execution is stopped and another takes over
	OrderPromoteNow OrderVerb = "promote-now" // what is left of bakes, approvals and freeze windows is skipped; a failure is not
	OrderOverride   OrderVerb = "override"    // the target's next emergency release may start under the named alarms
	OrderStart      OrderVerb = "start"       // a release of the target starts
	OrderRecover    OrderVerb = "recover"     // another execution brings home a release that is Dirty, or lost its own
	OrderAbandon    OrderVerb = "abandon"     // a release that is Dirty is given up: its lock is free, and nothing is changed
)

// OrderVerbs returns every order.
func OrderVerbs() []OrderVerb {
	return []OrderVerb{OrderApprove, OrderReject, OrderRollback, OrderStop, OrderPromoteNow, OrderOverride, OrderStart, OrderRecover, OrderAbandon}
}

// Permission names who may give an order. Each is a managed policy of its own: who has it may start the runbooks of its
// orders, and no others.
type Permission string

// The permissions.
const (
	MayStart    Permission = "start"    // start releases
	MayApprove  Permission = "approve"  // answer what serin asks
	MayOperate  Permission = "operate"  // towards the baseline
	MayOverride Permission = "override" // past what the target's file asks for
	MayAbandon  Permission = "abandon"  // give up a release that is Dirty
)

// Permission returns the permission that an order needs; none for an order that does not exist.
func (v OrderVerb) Permission() Permission {
	switch v {
	case OrderStart:
		return MayStart
	case OrderApprove, OrderReject:
		return MayApprove
	case OrderRollback, OrderStop, OrderRecover:
		return MayOperate
	case OrderPromoteNow, OrderOverride:
		return MayOverride
	case OrderAbandon:
		return MayAbandon
	}
	return ""
}

// Order is what a person has asked of a release. It stays in the release's state: the functions obey it at their next
// turn, whichever of them has it, and as often as they look.
type Order struct {
	ID     string    `json:"id"` // counts once
	Verb   OrderVerb `json:"verb"`
	Who    string    `json:"who"`
	Why    string    `json:"why"`
	At     time.Time `json:"at"`
	Step   int       `json:"step"`             // the step it was given at
	NoData bool      `json:"noData,omitempty"` // promote-now: even when nothing was measured
}

// String tells the order in a sentence: "anna asked to roll back: errors in the shop".
func (o Order) String() string {
	did := map[OrderVerb]string{
		OrderApprove: "approved", OrderReject: "rejected the release", OrderRollback: "asked to roll back",
		OrderStop: "stopped the release", OrderPromoteNow: "asked to promote now", OrderOverride: "allowed a start under alarms",
		OrderAbandon: "abandoned the release",
	}[o.Verb]
	return fmt.Sprintf("%s %s: %s", Person(o.Who), did, o.Why)
}

// Person returns a caller's identity as people read it: the session or user name of an ARN, and any other text as it is.
func Person(who string) string {
	if strings.HasPrefix(who, "arn:") {
		return who[strings.LastIndexAny(who, "/:")+1:]
	}
	return who
}

// SamePerson reports whether two identities are one person's: a person who takes on another role keeps the session's
// name, and is nobody else.
func SamePerson(a, b string) bool {
	return a != "" && b != "" && strings.EqualFold(Person(a), Person(b))
}

// Given returns the order with the given id.
func (r *Release) Given(id string) (Order, bool) {
	return r.order(func(o Order) bool { return o.ID == id })
}

// OrderedHome returns the order that sends the release back to its baseline.
func (r *Release) OrderedHome() (Order, bool) {
	return r.order(func(o Order) bool { return slices.Contains([]OrderVerb{OrderReject, OrderRollback, OrderStop}, o.Verb) })
}

// OrderedOn returns the order that promotes the release before its plan does.
func (r *Release) OrderedOn() (Order, bool) {
	return r.order(func(o Order) bool { return o.Verb == OrderPromoteNow })
}

// Abandonment returns the order that gave the release up.
func (r *Release) Abandonment() (Order, bool) {
	return r.order(func(o Order) bool { return o.Verb == OrderAbandon })
}

// Approval returns the order by which the current step is approved: the first, or where two must approve the first by
// somebody else.
func (r *Release) Approval() (Order, bool) {
	first, given := r.FirstApproval()
	if !given || !r.TwoApprove() {
		return first, given
	}
	return r.order(func(o Order) bool { return r.approves(o) && !SamePerson(o.Who, first.Who) })
}

// FirstApproval returns the order that approved the current step before any other.
func (r *Release) FirstApproval() (Order, bool) { return r.order(r.approves) }

func (r *Release) approves(o Order) bool { return o.Verb == OrderApprove && o.Step == r.Step }

// TwoApprove reports whether two people must approve a step. Whoever starts a release must not be the one to approve it;
// where nobody knows who started it, one of two is somebody else.
func (r *Release) TwoApprove() bool { return !r.Target.Approvals.ByRequester && r.Request.ByHand() }

func (r *Release) order(is func(Order) bool) (Order, bool) {
	i := slices.IndexFunc(r.Orders, is)
	if i < 0 {
		return Order{}, false
	}
	return r.Orders[i], true
}

// Asks reports whether the release waits for the approval of its current step.
func (r *Release) Asks() bool { return r.Phase == Baking && !r.AskedSince.IsZero() && !r.Approved }
