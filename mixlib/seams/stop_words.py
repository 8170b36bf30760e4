"""English words that say nothing about the subject of a text: what a sentence needs to be one."""

_WORDS = """
about above across after afterwards again against ain all almost alone along already also although always am among
and another any anybody anyone anything anyway anywhere are aren around aside away back became because become
becomes been before beforehand behind being below beside besides between beyond both but can cannot could couldn did
didn does doesn doing don done down during each either else elsewhere enough etc even ever every everybody everyone
everything everywhere except few for former from further get gets give given gives goes going got had hadn has hasn
have haven having hence her here hers herself him himself his how however indeed instead into isn its itself just
keep kept last later latter least less let lets like ll made make makes making many may maybe meanwhile mere might
mightn more moreover most mostly much must mustn myself namely near needs neither never nevertheless next nobody
none nor not nothing now nowhere off often once one ones only onto other others otherwise our ours ourselves out
over own per perhaps quite rather really said same say says see seem seemed seems seen several shall shan she should
shouldn show shown shows since some somebody somehow someone something sometimes somewhere still such take taken
takes than that the their theirs them themselves then there thereby therefore these they thing things this those
though three through throughout thus together too toward towards two under unless until upon use used uses using
very via was wasn way ways well went were weren what whatever when whence whenever where whereas whereby wherein
wherever whether which while who whoever whole whom whose why will with within without won would wouldn yes yet you
your yours yourself yourselves
"""
STOP_WORDS = frozenset(_WORDS.split())
