package report

// The drawing of the state machine: the four functions with their choices and waits, and the ways out. Positions are a column
// and a row; edges leave and enter at the sides that keep them apart.
const (
	drawingWidth = 392
	rowHeight    = 47
	firstRow     = 26
	boxWidth     = 112
	boxHeight    = 27
)

// columns are the centres of the columns, in pixels.
var columns = [...]float64{waits: 58, tasks: 192, exits: 324}

type column int

const (
	waits column = iota
	tasks
	exits
)

type form string

// The forms of states: the shape says what a state is, as the console's icons do.
const (
	taskForm    form = "task"
	choiceForm  form = "choice"
	waitForm    form = "wait"
	succeedForm form = "succeed"
	failForm    form = "fail"
)

// place is where a state stands.
type place struct {
	State  string
	Form   form
	Column column
	Row    int
}

var places = []place{
	{"Intent?", choiceForm, tasks, 0},
	{"DeployCanary", taskForm, tasks, 1},
	{"NothingToRelease", succeedForm, exits, 1},
	{"WaitForCanary", waitForm, waits, 2},
	{"CanaryReady?", choiceForm, tasks, 2},
	{"Refused", failForm, exits, 2},
	{"CheckAlarms", taskForm, tasks, 3},
	{"WaitForRollback", waitForm, exits, 3},
	{"Bake", waitForm, waits, 4},
	{"Verdict?", choiceForm, tasks, 4},
	{"Rollback", taskForm, exits, 4},
	{"Promote", taskForm, tasks, 5},
	{"Restored?", choiceForm, exits, 5},
	{"WaitForPromotion", waitForm, waits, 6},
	{"Promoted?", choiceForm, tasks, 6},
	{"RolledBack", failForm, exits, 6},
	{"Released", succeedForm, tasks, 7},
	{"Recovered", succeedForm, exits, 7},
	{"Urgent?", choiceForm, exits, 8},
	{"CleanupLeft", failForm, tasks, 8},
	{"MarkDirty", taskForm, exits, 9},
	{"CountDirty", taskForm, tasks, 9},
	{"CallPerson", taskForm, tasks, 10},
	{"Dirty", failForm, exits, 10},
}

// side is where an edge leaves or enters a state.
type side int

const (
	below side = iota
	above
	left
	right
)

// way is an edge of the drawing. Via is the x of the vertical stretch that it runs along, 0 for a straight line;
// Shift moves its ends up or down the side, so that edges do not lie on each other.
type way struct {
	From, To  string
	Out, In   side
	Via       float64
	OutShift  float64
	InShift   float64
	CatchOnly bool // an error's way: dotted
}

// The vertical stretches between the columns.
const (
	shiftWay    = 121.0
	settleWay   = 127.0
	catchWay    = 253.0
	backWay     = 257.0
	recoverWay  = 262.0
	endWay      = 262.0
	rollbackWay = 386.0
)

var ways = []way{
	{From: "Intent?", To: "DeployCanary", Out: below, In: above},
	{From: "Intent?", To: "Rollback", Out: right, In: left, Via: recoverWay, InShift: -8},
	{From: "DeployCanary", To: "CanaryReady?", Out: below, In: above},
	{From: "CanaryReady?", To: "WaitForCanary", Out: left, In: right},
	{From: "WaitForCanary", To: "DeployCanary", Out: above, In: left, InShift: -6},
	{From: "CanaryReady?", To: "CheckAlarms", Out: below, In: above},
	{From: "CanaryReady?", To: "NothingToRelease", Out: right, In: left, Via: backWay, OutShift: -6},
	{From: "CanaryReady?", To: "Refused", Out: right, In: left},
	{From: "CanaryReady?", To: "Rollback", Out: right, In: left, Via: backWay, OutShift: 6},
	{From: "CheckAlarms", To: "Verdict?", Out: below, In: above},
	{From: "Verdict?", To: "Bake", Out: left, In: right},
	{From: "Bake", To: "CheckAlarms", Out: above, In: left, InShift: -6},
	{From: "Verdict?", To: "DeployCanary", Out: left, In: left, Via: shiftWay, OutShift: -6, InShift: 6},
	{From: "Verdict?", To: "Promote", Out: below, In: above},
	{From: "Verdict?", To: "Rollback", Out: right, In: left},
	{From: "Promote", To: "Promoted?", Out: below, In: above},
	{From: "Promoted?", To: "WaitForPromotion", Out: left, In: right},
	{From: "WaitForPromotion", To: "Promote", Out: above, In: left, InShift: -6},
	{From: "Promoted?", To: "CheckAlarms", Out: left, In: left, Via: settleWay, OutShift: -6, InShift: 6},
	{From: "Promoted?", To: "Released", Out: below, In: above},
	{From: "Promoted?", To: "Rollback", Out: right, In: left, Via: backWay, InShift: 7},
	{From: "Rollback", To: "Restored?", Out: below, In: above},
	{From: "Restored?", To: "WaitForRollback", Out: right, In: right, Via: rollbackWay},
	{From: "WaitForRollback", To: "Rollback", Out: below, In: above},
	{From: "Restored?", To: "RolledBack", Out: below, In: above},
	{From: "Restored?", To: "Recovered", Out: left, In: left, Via: endWay},
	{From: "Restored?", To: "Urgent?", Out: left, In: left, Via: endWay, InShift: -6},
	{From: "Urgent?", To: "CleanupLeft", Out: left, In: right},
	{From: "Urgent?", To: "MarkDirty", Out: below, In: above},
	{From: "MarkDirty", To: "CountDirty", Out: left, In: right},
	{From: "CountDirty", To: "CallPerson", Out: below, In: above},
	{From: "CallPerson", To: "Dirty", Out: right, In: left},
	{From: "DeployCanary", To: "Rollback", Out: right, In: left, Via: catchWay, InShift: -4, CatchOnly: true},
	{From: "CheckAlarms", To: "Rollback", Out: right, In: left, Via: catchWay, InShift: -4, CatchOnly: true},
	{From: "Promote", To: "Rollback", Out: right, In: left, Via: catchWay, InShift: 10, CatchOnly: true},
	{From: "DeployCanary", To: "MarkDirty", Out: right, In: left, Via: catchWay, OutShift: 6, InShift: -9, CatchOnly: true},
	{From: "CheckAlarms", To: "MarkDirty", Out: right, In: left, Via: catchWay, OutShift: 6, InShift: -9, CatchOnly: true},
	{From: "Promote", To: "MarkDirty", Out: right, In: left, Via: catchWay, OutShift: 6, InShift: -9, CatchOnly: true},
	{From: "Rollback", To: "Urgent?", Out: right, In: right, Via: rollbackWay, OutShift: 6, CatchOnly: true},
}
