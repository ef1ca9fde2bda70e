package lambdaalias

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

// seen is an alias as it was read.
type seen struct {
	arn      string
	version  string
	weights  map[string]float64 // of other versions, 0 to 1
	revision string             // changes with every update
}

// alias reads an alias.
func (p *Platform) alias(ctx context.Context, function, name string) (seen, error) {
	op := fmt.Sprintf("read alias %s of function %s", name, function)
	out, err := p.lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &function, Name: &name})
	if awserr.Is(err, "ResourceNotFoundException") {
		return seen{}, release.Errorf(release.NotFound, op, "there is no such function or alias. Nothing is invoked through an alias that does not exist, so there is nothing to compare a version with and nothing to go back to: create it on the version that shall serve first (aws lambda create-alias --function-name %s --name %s --function-version N); from then on releases move it", function, name)
	}
	if err != nil {
		return seen{}, awserr.Wrap(op, err)
	}
	alias := seen{arn: aws.ToString(out.AliasArn), version: aws.ToString(out.FunctionVersion), revision: aws.ToString(out.RevisionId)}
	if out.RoutingConfig != nil {
		alias.weights = out.RoutingConfig.AdditionalVersionWeights
	}
	if alias.arn == "" || alias.version == "" {
		return seen{}, release.Errorf(release.Unexpected, op, "AWS answered without the alias's ARN or version")
	}
	return alias, nil
}

// percent returns the share of a version in whole percent.
func (s seen) percent(version string) release.Weight {
	if version == s.version {
		rest := 100
		for other := range s.weights {
			rest -= int(s.percent(other))
		}
		return release.Weight(rest)
	}
	return release.Weight(math.Round(100 * s.weights[version]))
}

func (s seen) weightText() string {
	var parts []string
	for _, version := range slices.Sorted(maps.Keys(s.weights)) {
		parts = append(parts, fmt.Sprintf("%.3g %% to version %s", 100*s.weights[version], version))
	}
	return strings.Join(parts, " and ")
}

func (s seen) text() string {
	if len(s.weights) == 0 {
		return "version " + s.version
	}
	return fmt.Sprintf("version %s with %s", s.version, s.weightText())
}

// standing says whose state an alias is in.
type standing int

const (
	home     standing = iota + 1 // the recorded version, no weights
	weighted                     // the recorded version, and a weight of the plan for the new one
	promoted                     // the new version, no weights
	foreign                      // anything else: somebody else was there
	deleted                      // nobody's: somebody has deleted the alias
)

// stand tells whose state the alias is in. Only the weights of the release's own plan are its own.
func (c *call) stand() standing {
	fresh, only := c.alias.weights[c.fresh], len(c.alias.weights) == 1
	switch {
	case c.alias.arn == "":
		return deleted
	case len(c.alias.weights) == 0 && c.alias.version == c.base.Version:
		return home
	case len(c.alias.weights) == 0 && c.alias.version == c.fresh: // which is not empty, as no alias points to nothing
		return promoted
	case c.alias.version == c.base.Version && only && fresh > 0 && c.planned(c.alias.percent(c.fresh)):
		return weighted
	}
	return foreign
}

func (c *call) planned(w release.Weight) bool {
	return slices.ContainsFunc(c.rel.Steps[:min(c.rel.Step+1, len(c.rel.Steps))], func(step release.Step) bool { return step.Weight == w })
}

// somebody says what somebody else made of the alias.
func (c *call) somebody() string {
	if c.stand() == deleted {
		return fmt.Sprintf("alias %s of function %s does not exist any more", c.base.Alias, c.base.Function)
	}
	return fmt.Sprintf("somebody else set alias %s of %s to %s; serin had %s", c.base.Alias, c.base.Function, c.alias.text(), c.had())
}

// had says in what state serin left the alias.
func (c *call) had() string {
	switch {
	case c.rel.Phase == release.Settling || c.rel.Phase == release.Released:
		return "version " + c.fresh
	case c.rel.CanarySince.IsZero():
		return "version " + c.base.Version
	}
	return fmt.Sprintf("version %s with %d %% to version %s", c.base.Version, c.rel.Current().Weight, c.fresh)
}

// call is one call of a verb: the release, its baseline, and the alias as it is.
type call struct {
	*Platform
	rel   *release.Release
	base  detail
	fresh string // the new version; empty until it is published
	alias seen   // empty where somebody has deleted it since the baseline was recorded
}

func (p *Platform) begin(ctx context.Context, rel *release.Release) (*call, error) {
	base, err := recorded(rel)
	if err != nil {
		return nil, err
	}
	alias, err := p.alias(ctx, base.Function, base.Alias)
	if err != nil && !gone(err) {
		return nil, err
	}
	return &call{Platform: p, rel: rel, base: base, fresh: freshOf(rel), alias: alias}, nil
}

// gone reports whether a read has found that the alias, the function or the version does not exist.
func gone(err error) bool { return err != nil && release.CodeOf(err) == release.NotFound }
