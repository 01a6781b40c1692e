/**
 * What the `dotenv` package tests itself with: its published fixture files and the sources in its tests, written down as
 * data. The package itself says what they mean.
 */
export const DOTENV_FIXTURES: Readonly<Record<string, string>> = {
  "tests/.env":
    'BASIC=basic\n\n# previous line intentionally left blank\nAFTER_LINE=after_line\nEMPTY=\nEMPTY_SINGLE_QUOTES=\'\'\nEMPTY_DOUBLE_QUOTES=""\nEMPTY_BACKTICKS=``\nSINGLE_QUOTES=\'single_quotes\'\nSINGLE_QUOTES_SPACED=\'    single quotes    \'\nDOUBLE_QUOTES="double_quotes"\nDOUBLE_QUOTES_SPACED="    double quotes    "\nDOUBLE_QUOTES_INSIDE_SINGLE=\'double "quotes" work inside single quotes\'\nDOUBLE_QUOTES_WITH_NO_SPACE_BRACKET="{ port: $MONGOLAB_PORT}"\nSINGLE_QUOTES_INSIDE_DOUBLE="single \'quotes\' work inside double quotes"\nBACKTICKS_INSIDE_SINGLE=\'`backticks` work inside single quotes\'\nBACKTICKS_INSIDE_DOUBLE="`backticks` work inside double quotes"\nBACKTICKS=`backticks`\nBACKTICKS_SPACED=`    backticks    `\nDOUBLE_QUOTES_INSIDE_BACKTICKS=`double "quotes" work inside backticks`\nSINGLE_QUOTES_INSIDE_BACKTICKS=`single \'quotes\' work inside backticks`\nDOUBLE_AND_SINGLE_QUOTES_INSIDE_BACKTICKS=`double "quotes" and single \'quotes\' work inside backticks`\nEXPAND_NEWLINES="expand\\nnew\\nlines"\nDONT_EXPAND_UNQUOTED=dontexpand\\nnewlines\nDONT_EXPAND_SQUOTED=\'dontexpand\\nnewlines\'\n# COMMENTS=work\nINLINE_COMMENTS=inline comments # work #very #well\nINLINE_COMMENTS_SINGLE_QUOTES=\'inline comments outside of #singlequotes\' # work\nINLINE_COMMENTS_DOUBLE_QUOTES="inline comments outside of #doublequotes" # work\nINLINE_COMMENTS_BACKTICKS=`inline comments outside of #backticks` # work\nINLINE_COMMENTS_SPACE=inline comments start with a#number sign. no space required.\nEQUAL_SIGNS=equals==\nRETAIN_INNER_QUOTES={"foo": "bar"}\nRETAIN_INNER_QUOTES_AS_STRING=\'{"foo": "bar"}\'\nRETAIN_INNER_QUOTES_AS_BACKTICKS=`{"foo": "bar\'s"}`\nTRIM_SPACE_FROM_UNQUOTED=    some spaced out string\nUSERNAME=therealnerdybeast@example.tld\n    SPACED_KEY = parsed\n',
  "tests/.env-multiline":
    'BASIC=basic\n\nMULTI_DOUBLE_QUOTED="THIS\nIS\nA\nMULTILINE\nSTRING"\n\nMULTI_SINGLE_QUOTED=\'THIS\nIS\nA\nMULTILINE\nSTRING\'\n\nMULTI_BACKTICKED=`THIS\nIS\nA\n"MULTILINE\'S"\nSTRING`\n\nMULTI_PEM_DOUBLE_QUOTED="-----BEGIN "PUBLIC" KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnNl1tL3QjKp3DZWM0T3u\nu9QaJ9t5cmUDlHuljzZp5T+v6tGHiTEY\nb0kCAwEAAQ==\n-----END PUBLIC KEY-----"\n',
  "tests/.env-escaping":
    'ESCAPE_CHAR=ab\\cde\nESCAPE_NEWLINE_NO_QUOTE=line1\\nline2\nESCAPE_NEWLINE_IN_DOUBLE_QUOTE="line1\\nline2"\nESCAPE_QUOTES=single quote: \\\', double quote: \\", backtick: \\`\nESCAPE_TAB=\\t\nESCAPE_QUOTES_IN_QUOTES="John said: \\"Lets go\\""\nESCAPE_DOLLAR=\\$\\$\\$\n',
  "source 1": "BASIC=basic",
  "source 2": "export KEY=value",
  "source 3": "KEY: value",
  "source 4": "EMPTY=",
  "source 5": "SINGLE='single'",
  "source 6": 'DOUBLE="double"',
  "source 7": "BACKTICK=`backtick`",
  "source 8": 'DOUBLE="line one\\nline two"',
  "source 9": "INLINE=value # comment",
  "source 10": 'HASH="value#notcomment"',
  "source 11": "EQUALS==value",
  "source 12": "# comment only\n",
  "source 13": "",
  "source 14": "KEY=val\r\nOTHER=ok\r",
  "source 15": 'MULTI="one\ntwo"',
  "source 16": 'ESCAPED="say \\"hi\\""',
  "source 17": "\ufeffBASIC=basic",
  "source 18": "\ufeffexport BASIC=basic\n",
  "source 19": "\ufeff# comment first\nBASIC=basic\n",
  "source 20": "\ufeff",
  "source 21": "\n\ufeffBASIC=basic\n",
  "source 22": "FIRST=one\n\ufeffSECOND=two\n",
  "source 23": 'KEY="\\\\"',
  "source 24": 'KEY="\\\\"\nNEXT=ok\n',
  "source 25": "KEY='\\\\'\nNEXT=ok\n",
  "source 26": "KEY=`\\\\`\nNEXT=ok\n",
  "source 27": 'WINDIR="C:\\\\Users\\\\me\\\\"\nAPI_KEY=secret\nPORT=3000\n',
  "source 28": 'A="\\\\"\nB=plain\nC="quoted"\nD=last\n',
  "source 29": 'A=\n\n"hello\nworld"',
  "source 30": "A=\n'b'",
  "source 31": "\fA=1",
  "source 32": "\u000bA=1",
  "source 33": "\u00a0A=1",
  "source 34": 'TOKEN="abc" oops',
  "source 35": 'KEY="line one\\nline two',
  "source 36": 'KEY="line one\\rline two',
  "source 37": 'KEY="a" "b"',
};
