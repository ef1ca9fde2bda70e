// Command examples renders the examples' stacks, each example's into a folder of its own below cdk.out:
//
//	go run ./examples              all of them
//	go run ./examples shop-web     one; this is what its cdk.json says
//
// One program renders all, because linking the CDK takes longer than everything else.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	catalogue "github.com/serin-aws/serin/examples/catalogue"
	ordersapi "github.com/serin-aws/serin/examples/orders-api"
	queueworker "github.com/serin-aws/serin/examples/queue-worker"
	shopweb "github.com/serin-aws/serin/examples/shop-web"
	"github.com/serin-aws/serin/examples/site"
	"github.com/serin-aws/serin/internal/synthesis"
)

// example is one of them, named as its folder is.
type example struct {
	name   string
	define func(awscdk.App, site.Place) []awscdk.Stack
}

var examples = []example{
	{"queue-worker", queueworker.Define},
	{"orders-api", ordersapi.Define},
	{"shop-web", shopweb.Define},
	{"catalogue", catalogue.Define},
}

func main() {
	wanted, err := choose(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "examples:", err)
		os.Exit(2)
	}
	defer synthesis.Close()
	for _, e := range wanted {
		app := synthesis.App("cdk.out/" + e.name)
		e.define(app, site.Place{Folder: "examples/" + e.name, Programs: "build/functions"})
		app.Synth(nil)
	}
}

// choose returns the examples that are named, and all where none is.
func choose(names []string) ([]example, error) {
	if len(names) == 0 {
		return examples, nil
	}
	var wanted []example
	for _, name := range names {
		found := false
		for _, e := range examples {
			if e.name == name {
				wanted, found = append(wanted, e), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no example %q; there are queue-worker, orders-api, shop-web and catalogue", name)
		}
	}
	return wanted, nil
}
