// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
	_ "github.com/lib/pq" // the driver of postgres URLs

	"github.com/seatrial/seatrial/wait"
)

// database reads the URL of a database, as other services write it, and a statement after a
// space. The host is ignored: the address of the container takes its place.
func database(text string) (wait.Condition, error) {
	address, statement, _ := strings.Cut(text, " ")
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("sql: the URL cannot be read: want postgres://USER:PASSWORD@SERVICE:5432/NAME or mysql://USER:PASSWORD@SERVICE:3306/NAME") // without the URL, as it has the password
	}
	var driver, port string
	var dsn func(addr string) string
	switch u.Scheme {
	case "postgres", "postgresql":
		driver, port = "postgres", "5432"
		query := u.Query()
		if !query.Has("sslmode") {
			query.Set("sslmode", "prefer") // as psql does
		}
		dsn = func(addr string) string {
			at := *u
			at.Host, at.RawQuery = addr, query.Encode()
			return at.String()
		}
	case "mysql", "mariadb":
		driver, port = "mysql", "3306"
		c := mysql.NewConfig()
		c.Net, c.DBName, c.User = "tcp", strings.TrimPrefix(u.Path, "/"), u.User.Username()
		c.Passwd, _ = u.User.Password()
		c.Params = map[string]string{}
		for name := range u.Query() {
			c.Params[name] = u.Query().Get(name)
		}
		dsn = func(addr string) string {
			at := c.Clone()
			at.Addr = addr
			return at.FormatDSN()
		}
	default:
		return nil, fmt.Errorf("sql: %q is not a kind of database known here; postgres and mysql are. Another is asked by its own client, as in exec:COMMAND", u.Scheme)
	}
	if u.Port() != "" {
		port = u.Port()
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("sql: %q is not a port number", port)
	}
	c := wait.SQL(driver, number, dsn)
	if statement = strings.TrimSpace(statement); statement != "" {
		c = c.Query(statement)
	}
	return c, nil
}
