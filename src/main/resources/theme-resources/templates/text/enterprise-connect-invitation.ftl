<#ftl output_format="plainText">
${msg("enterpriseConnectInvitationMailGreeting")}

<#if sender?has_content>
${msg("enterpriseConnectInvitationMailFrom", sender, organizationName, applicationName)}
<#else>
${msg("enterpriseConnectInvitationMailText", organizationName, applicationName)}
</#if>

${msg("enterpriseConnectInvitationMailWhat")}

${link}

${msg("enterpriseConnectInvitationExpires", expires)}

${msg("enterpriseConnectInvitationMailUnexpected")}
