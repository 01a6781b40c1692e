/**
 * The file that `policy init` writes: everything commented out, so that it changes nothing until someone wants it to.
 *
 * @module
 */

/** The text. */
export const STARTER_POLICIES =
  `# Policies of WispKey. They only restrict: without any, a credential goes wherever its own hosts allow.
#
#   wispkey policy check    is everything in here understood?
#   wispkey policy apply    let it count, with the master password
#
# What is tighter than what was applied counts as soon as this file is saved; what is looser only after
# 'wispkey policy apply'. A file that cannot be understood denies every use of every credential.
#
# Take the '# ' away before the lines of an example to use it.

# One credential, only for reading, in office hours, ten times a minute:
#
# [[policy]]
# name = "restrict-production"
# credential = "aws-prod"
# allowed_methods = ["GET"]
# denied_paths = ["/admin/**", "/delete/**"]
# allowed_hosts = ["api.aws.com"]
# rate_limit = "10/minute"
# time_window = "09:00-17:00 America/New_York"

# A person is asked before anything is written or deleted:
#
# [[policy]]
# name = "ask-before-writing"
# credential = ["github", "gitlab-*"]
# require_approval = ["POST", "PUT", "PATCH", "DELETE"]

# One caller keeps away from production, and is counted by itself:
#
# [[policy]]
# name = "no-production-for-ci"
# caller = "ci-*"
# credential = "*-prod"
# deny = true
#
# [[policy]]
# name = "calm-ci"
# caller = "ci-*"
# rate_limit = "100/hour"
# rate_key = "caller"

# Only until the end of a project, and only small bodies:
#
# [[policy]]
# name = "client-alpha"
# project = "client-alpha"
# expires = 2027-01-31T17:00:00-05:00
# max_body = "64KiB"

# Tells in the log what it would deny, and denies nothing:
#
# [[policy]]
# name = "try-weekdays"
# days = "Mon-Fri"
# monitor = true
`;
