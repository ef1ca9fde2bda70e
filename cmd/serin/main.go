// Command serin checks the user's files, rehearses releases, and starts and follows them on AWS.
//
//	root.go      the commands, exit codes, how an error is shown
//	validate.go  serin validate
//	rehearse.go  serin rehearse: one release or many, and what came of them
//	live.go      a rehearsal as it goes: the live view, or a line for every event
//	terminal.go  what standard output can show: a live view, colours, how wide, which signs
//	args.go      what stands on the command line besides flags
//	flags.go     the flags that many commands have
//	report.go    where a report goes
//	plan.go      serin plan: what a plan can see before it is used
//	iam.go       serin iam: what a target needs in its account
//	judge.go     serin judge: a history, replayed; judged.go, judgetext.go and judgepage.go tell it
//	broken.go    runs that broke an invariant, and how to see them again
//	schema.go    serin schema
//	proxy.go     serin proxy: what stands in front of a mirrored service
//
// On AWS, through package remote:
//
//	aws.go            what these commands have in common: their flags, the account
//	init.go           serin init
//	apply.go          serin apply
//	start.go          serin start
//	order.go          serin approve, reject, promote, rollback, stop, override
//	recover.go        serin recover
//	abandon.go        serin abandon
//	status.go         serin status
//	follow.go         one release, looked at once or until its end
//	watch.go          serin watch
//	list.go           serin list
//	history.go        serin history
//	reportcommand.go  serin report
package main

import (
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, output(os.Stdout, os.Getenv), os.Stderr))
}

// run is the whole program but for the process around it.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	return execute(root(theWorld()), args, in, out, errOut)
}
