package cloudwatch

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// rule decides a composite alarm from the states of others.
type rule struct {
	holds    func(state func(name string) types.StateValue) bool
	children []string
}

// DefineComposite compiles a composite alarm.
func DefineComposite(a types.CompositeAlarm) (*Definition, error) {
	d := &Definition{name: aws.ToString(a.AlarmName), composite: copyCompositeAlarm(&a)}
	if d.name == "" {
		return nil, fmt.Errorf("a composite alarm has no AlarmName")
	}
	p := ruleParser{tokens: tokens(aws.ToString(a.AlarmRule)), rule: &d.rule}
	holds, err := p.parse()
	if err != nil {
		return nil, fmt.Errorf("composite alarm %s: AlarmRule: %w", d.name, err)
	}
	d.rule.holds = holds
	return d, nil
}

type holds = func(state func(name string) types.StateValue) bool

// tokenForm is a quoted name, a parenthesis or a word.
var tokenForm = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[()]|[^()"\s]+`)

func tokens(text string) []string { return tokenForm.FindAllString(text, -1) }

// ruleParser reads ALARM(x), OK(x), INSUFFICIENT_DATA(x), TRUE, FALSE, NOT, AND, OR and parentheses. NOT binds
// tightest, then AND, then OR.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
type ruleParser struct {
	tokens []string
	depth  int
	rule   *rule
}

const maxRuleDepth = 100

func (p *ruleParser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *ruleParser) take() string {
	token := p.peek()
	if token != "" {
		p.tokens = p.tokens[1:]
	}
	return token
}

func (p *ruleParser) parse() (holds, error) {
	h, err := p.or()
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("cannot read on at %q", p.peek())
	}
	return h, err
}

func (p *ruleParser) or() (holds, error) {
	left, err := p.and()
	for err == nil && p.peek() == "OR" {
		p.take()
		a := left
		var b holds
		b, err = p.and()
		left = func(s func(string) types.StateValue) bool { return a(s) || b(s) }
	}
	return left, err
}

func (p *ruleParser) and() (holds, error) {
	left, err := p.not()
	for err == nil && p.peek() == "AND" {
		p.take()
		a := left
		var b holds
		b, err = p.not()
		left = func(s func(string) types.StateValue) bool { return a(s) && b(s) }
	}
	return left, err
}

func (p *ruleParser) not() (holds, error) {
	if p.depth++; p.depth > maxRuleDepth {
		return nil, fmt.Errorf("it is nested more than %d deep", maxRuleDepth)
	}
	defer func() { p.depth-- }()
	if p.peek() == "NOT" {
		p.take()
		inner, err := p.not()
		return func(s func(string) types.StateValue) bool { return !inner(s) }, err
	}
	return p.term()
}

func (p *ruleParser) term() (holds, error) {
	switch word := p.take(); word {
	case "TRUE", "FALSE":
		return func(func(string) types.StateValue) bool { return word == "TRUE" }, nil
	case "(":
		inner, err := p.or()
		if err == nil && p.take() != ")" {
			err = fmt.Errorf("a parenthesis is not closed")
		}
		return inner, err
	case "ALARM", "OK", "INSUFFICIENT_DATA":
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		p.rule.children = append(p.rule.children, name)
		return func(s func(string) types.StateValue) bool { return s(name) == types.StateValue(word) }, nil
	case "":
		return nil, fmt.Errorf("it ends too early")
	default:
		return nil, fmt.Errorf("%q is not simulated", word)
	}
}

// name reads ("name"), (name) or ("arn:...:alarm:name").
func (p *ruleParser) name() (string, error) {
	if p.take() != "(" {
		return "", fmt.Errorf("a state is not followed by (alarm)")
	}
	name := p.take()
	if name == "" || name == "(" || name == ")" || p.take() != ")" {
		return "", fmt.Errorf("a state is not followed by (alarm)")
	}
	if quoted := strings.TrimSuffix(strings.TrimPrefix(name, `"`), `"`); quoted != name {
		name = strings.ReplaceAll(strings.ReplaceAll(quoted, `\"`, `"`), `\\`, `\`)
	}
	if _, after, isARN := strings.Cut(name, ":alarm:"); isARN && strings.HasPrefix(name, "arn:") {
		name = after
	}
	if name == "" {
		return "", fmt.Errorf("an alarm has no name")
	}
	return name, nil
}
