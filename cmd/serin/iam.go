package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/permit"
	"github.com/serin-aws/serin/internal/targetfile"
)

type iam struct {
	file string
	why  bool
}

func iamCommand() *cobra.Command {
	var i iam
	command := &cobra.Command{
		Use:   "iam -f FILE",
		Short: "Print what a target needs in its account, as a CloudFormation template",
		Long: `Print a CloudFormation template with a target's two roles - one with which serin looks, one with which it changes
what the target names, and nothing else - and with the parameter that says what serves. Deploy it in the account of the
workload, before the first release. SerinAccount is the account in which serin is installed; PassRoles are the ARNs of
the task roles and execution roles of the workload.

--why prints each permission with its reason instead.

Exit codes: 0 printed; 2 a wrong file or wrong use.`,
		Example: `  serin iam -f orders.target.yaml > orders-serin.json
  aws cloudformation deploy --stack-name orders-serin --template-file orders-serin.json \
    --capabilities CAPABILITY_NAMED_IAM --parameter-overrides SerinAccount=111122223333 \
    PassRoles=arn:aws:iam::111122223333:role/orders-task,arn:aws:iam::111122223333:role/orders-execution
  serin iam -f orders.target.yaml --why`,
		Args:              none,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return i.run(c.InOrStdin(), c.OutOrStdout()) },
	}
	targetFlag(command, &i.file)
	command.Flags().BoolVar(&i.why, "why", false, "print each permission with its reason")
	return command
}

func (i *iam) run(in io.Reader, out io.Writer) error {
	name, data, err := readInput(i.file, in)
	if err != nil {
		return err
	}
	target, err := targetfile.Parse(name, data)
	if err != nil {
		return err
	}
	if i.why {
		text, err := permit.Explain(&target)
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, text)
		return err
	}
	template, err := permit.Template(&target, permit.Known{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s", template)
	return err
}
