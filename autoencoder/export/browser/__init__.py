"""The JavaScript that a stand-alone file needs, and what joins modules into one."""
