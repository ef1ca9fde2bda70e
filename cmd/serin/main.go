// Command serin checks the user's files, rehearses releases, and starts and follows them on AWS.
//
//	root.go      the commands, exit codes, how an error is shown
//	validate.go  serin validate
//	rehearse.go  serin rehearse: one release or many, and what came of them
//	watch.go     a rehearsal as it goes: the live view, or a line for every event
//	report.go    where a report goes
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
//	status.go         serin status
//	follow.go         one release, looked at once or until its end
//	live.go           serin watch
//	list.go           serin list
//	history.go        serin history
//	reportcommand.go  serin report
package main

import (
	"io"
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	return execute(root(theWorld()), args, in, out, errOut)
}
