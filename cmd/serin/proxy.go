package main

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/serin-aws/serin/internal/proxy"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/targetfile"
)

type proxies struct {
	file    string
	mode    string
	shadow  string
	percent int
}

// rendered is what can be rendered, by mode.
var rendered = map[string]func(proxy.Settings) (string, error){"nginx": proxy.Nginx, "envoy": proxy.Envoy, "switch": proxy.Switch, "stack": proxy.Stack}

func modes() []string { return slices.Sorted(maps.Keys(rendered)) }

func proxyCommand() *cobra.Command {
	var p proxies
	command := &cobra.Command{
		Use:   "proxy render -f FILE --mode nginx|envoy|switch|stack",
		Short: "Print the configuration of a mirrored service's proxies",
		Long: `Print, from ec2Mirror.proxy of a target, what stands in front of a mirrored service: the configuration of nginx, which
answers between releases; the bootstrap of Envoy, which takes its place while a release is judged and mirrors a share of
the read-only requests; the script that puts one in the place of the other while requests come in; or a CloudFormation
template of the whole service, with all of them in it. Both proxies answer users alike; where they do not, docs/mirror.md
says so.

On a machine the three stand in one folder as nginx.conf, envoy.json and serin-proxy. The script puts the address of the
temporary stack into the bootstrap, so --shadow is needed only to start Envoy without it.

Exit codes: 0 printed; 2 a wrong file or wrong use.`,
		Example: `  serin proxy render -f catalogue.target.yaml --mode nginx > nginx.conf
  serin proxy render -f catalogue.target.yaml --mode envoy > envoy.json
  serin proxy render -f catalogue.target.yaml --mode switch > serin-proxy
  serin proxy render -f catalogue.target.yaml --mode stack > catalogue.yaml
  serin proxy render -f catalogue.target.yaml --mode envoy --shadow 10.0.3.7:80 --percent 10 > envoy.json`,
		Args:      one("subcommand", "render"),
		ValidArgs: []string{"render"},
		RunE:      func(c *cobra.Command, _ []string) error { return p.run(c.InOrStdin(), c.OutOrStdout()) },
	}
	targetFlag(command, &p.file)
	flags := command.Flags()
	flags.StringVar(&p.mode, "mode", "", "`WHAT` to print: nginx, envoy, switch or stack")
	flags.StringVar(&p.shadow, "shadow", "", "`HOST:PORT` that Envoy's copies go to (where it is left out, the script puts it in)")
	flags.IntVar(&p.percent, "percent", 0, "`SHARE` of the requests that Envoy starts to mirror, 0 to 100 percent (later the script says)")
	complete(command, "mode", cobra.ShellCompDirectiveNoFileComp, modes()...)
	required(command, "mode")
	return command
}

func (p *proxies) run(in io.Reader, out io.Writer) error {
	if err := p.check(); err != nil {
		return err
	}
	name, data, err := readInput(p.file, in)
	if err != nil {
		return err
	}
	target, err := targetfile.Parse(name, data)
	if err != nil {
		return err
	}
	if target.EC2Mirror == nil {
		return release.Errorf(release.Invalid, "proxy", "%s is a target of the platform %s, which has no proxy; only %s has", name, target.Platform, release.PlatformEC2Mirror)
	}
	settings := proxy.Of(target.EC2Mirror.Proxy)
	settings.Shadow, settings.Percent = cmp.Or(p.shadow, proxy.Later), release.Weight(p.percent)
	text, err := rendered[p.mode](settings)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}

func (p *proxies) check() error {
	switch {
	case rendered[p.mode] == nil:
		return usageError("--mode is %q but must be one of %s", p.mode, strings.Join(modes(), ", "))
	case p.mode != "envoy" && (p.shadow != "" || p.percent != 0):
		return usageError("--shadow and --percent say what Envoy mirrors, but --mode is %s", p.mode)
	}
	return nil
}
