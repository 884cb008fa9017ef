// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mattn/go-shellwords"

	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/wait"
)

// Parse reads one condition.
func Parse(text string) (wait.Condition, error) {
	kind, rest, more := strings.Cut(text, ":")
	var c wait.Condition
	switch {
	case (kind == "http" || kind == "https") && more:
		number, path, _ := strings.Cut(rest, "/")
		port, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("%q: %q is not a port number", text, number)
		}
		c = wait.HTTP(port, "/"+path)
		if kind == "https" {
			c = wait.HTTPS(port, "/"+path)
		}
	case kind == "listening" && more:
		if _, err := portnumber.Parse(rest); err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		c = wait.ListeningOn(rest)
	case kind == "exit" && more:
		code, err := strconv.Atoi(rest)
		if err != nil {
			return nil, fmt.Errorf("%q: %q is not an exit code", text, rest)
		}
		c = wait.Exit(code)
	case kind == "log" && rest != "":
		c = wait.Log(rest)
	case kind == "exec" && more:
		words, err := shellwords.Parse(rest)
		if err != nil || len(words) == 0 {
			return nil, fmt.Errorf("%q: %q is not a command with its arguments", text, rest)
		}
		c = wait.Exec(words...)
	case kind == "sql" && more:
		var err error
		if c, err = database(rest); err != nil {
			return nil, err
		}
	case text == "healthy":
		c = wait.Healthy()
	default:
		return nil, fmt.Errorf("%q is not a condition: want http:PORT/PATH, https:PORT/PATH, listening:PORT, log:REGEXP, exec:COMMAND, sql:URL, exit:CODE or healthy", text)
	}
	return c, wait.Check(c)
}

// ParseAll reads conditions for several services, each as SERVICE=CONDITION. Several for
// one service must all hold.
func ParseAll(texts []string) (map[string]wait.Condition, error) {
	all := map[string][]wait.Condition{}
	for _, text := range texts {
		service, condition, ok := strings.Cut(text, "=")
		if !ok || service == "" {
			return nil, fmt.Errorf("%q: want SERVICE=CONDITION, as in web=http:8080/health", text)
		}
		c, err := Parse(condition)
		if err != nil {
			return nil, err
		}
		all[service] = append(all[service], c)
	}
	var ready map[string]wait.Condition
	for service, conditions := range all {
		if ready == nil {
			ready = map[string]wait.Condition{}
		}
		ready[service] = conditions[0]
		if len(conditions) > 1 {
			ready[service] = wait.All(conditions...)
		}
	}
	return ready, nil
}
